-- purpose: Aggregates of every report ever loaded, so that trends outlive the reports; one row per report, device,
--   kind, class and tier.
-- columns: source_bucket, config_id, report_at, device_id, kind, storage_class, access_tier, object_count, size_bytes,
--   good_name_count
WITH fresh AS (
    SELECT
        cells.source_bucket,
        reports.config_id,
        reports.report_at,
        cells.device_id,
        cells.kind,
        cells.storage_class,
        cells.access_tier,
        sum(cells.object_count)::BIGINT AS object_count,
        sum(cells.size_bytes)::BIGINT AS size_bytes,
        coalesce(sum(cells.object_count) FILTER (cells.is_name_good AND cells.kind = 'image'), 0)::BIGINT
            AS good_name_count
    FROM facts.cells AS cells
    JOIN staging.reports AS reports USING (report_no)
    WHERE cells.cut = 'day'
    GROUP BY ALL
)

SELECT source_bucket, config_id, report_at, device_id, kind, storage_class, access_tier, object_count, size_bytes,
    good_name_count
FROM fresh
UNION ALL
SELECT source_bucket, config_id, report_at, device_id, kind, storage_class, access_tier, object_count, size_bytes,
    good_name_count
FROM raw.history AS earlier
WHERE NOT EXISTS (
    SELECT 1 FROM staging.reports AS reports
    WHERE
        reports.source_bucket = earlier.source_bucket
        AND reports.config_id = earlier.config_id
        AND reports.report_at = earlier.report_at
)
