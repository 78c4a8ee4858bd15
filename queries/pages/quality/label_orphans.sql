-- purpose: Labels that no current image carries, newest first; one row per label, with what became of its object. A stale
--   one was given to an older version or content of a current image.
-- params:  devices=NULL, source=NULL, reasons=NULL, row_limit=50, row_offset=0
-- columns: key, finding_reason, is_stale, source_id, label_text, device_id, unit_id, version_id, labelled_at,
--   source_bucket, total_count
WITH chosen AS NOT MATERIALIZED (
    SELECT *
    FROM marts.label_orphans
    WHERE ($devices IS NULL OR list_contains($devices, device_id))
      AND ($source IS NULL OR source_id = $source)
      AND ($reasons IS NULL OR list_contains($reasons, reason))
)

SELECT
    key,
    reason AS finding_reason,
    is_stale,
    source_id,
    array_to_string(
        list_transform(map_entries(tags), lambda entry: entry.key || ': ' || entry.value), ', '
    ) AS label_text,
    device_id,
    unit_id,
    version_id,
    labelled_at,
    source_bucket,
    (SELECT count(*) FROM chosen) AS total_count
FROM chosen
ORDER BY labelled_at DESC, source_id, source_bucket, key, version_id
LIMIT $row_limit OFFSET $row_offset
