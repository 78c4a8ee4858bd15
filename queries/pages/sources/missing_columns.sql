-- purpose: Columns that pages need and a report in use lacks; one row per report and column. Reports of current objects
--   only have no version columns, and need none.
-- columns: source_bucket, config_id, inventory_field, missing_column
WITH needed AS (
    SELECT
        unnest([
            'size', 'last_modified_date', 'storage_class', 'is_latest', 'is_delete_marker', 'e_tag',
            'intelligent_tiering_access_tier'
        ]) AS missing_column,
        unnest([
            'Size', 'LastModifiedDate', 'StorageClass', 'IsLatest', 'IsDeleteMarker', 'ETag', 'IntelligentTieringAccessTier'
        ]) AS inventory_field,
        unnest(range(7)) AS place
)

SELECT reports.source_bucket, reports.config_id, needed.inventory_field, needed.missing_column
FROM marts.reports AS reports, needed
WHERE reports.is_current
  AND NOT list_contains(reports.columns, needed.missing_column)
  AND (
      needed.missing_column NOT IN ('is_latest', 'is_delete_marker') OR list_contains(reports.columns, 'version_id')
  )
ORDER BY reports.source_bucket, reports.config_id, needed.place
