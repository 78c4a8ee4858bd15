-- purpose: The archive over time from every report ever loaded, each bucket by its newest report up to the day; one
--   row per day, device, kind, class, tier and region (`region_code` is '' where it is not told). An inventory configuration that is not in use any more counts up to its
--   last report: the one that took its place lists the same objects.
-- columns: reported_on, device_id, kind, storage_class, access_tier, object_count, size_bytes, good_name_count,
--   region_code
WITH reports AS (
    SELECT source_bucket, config_id, report_at::DATE AS reported_on, max(report_at) AS report_at
    FROM facts.history
    GROUP BY ALL
),

ends AS (
    SELECT reports.source_bucket, reports.config_id, max(reports.reported_on) AS last_on,
        count(used.report_no) > 0 AS is_in_use
    FROM reports
    LEFT JOIN staging.reports AS used
        ON used.source_bucket = reports.source_bucket AND used.config_id = reports.config_id AND used.is_current
    GROUP BY ALL
),

days AS (SELECT DISTINCT reported_on FROM reports),

newest AS (
    SELECT days.reported_on, reports.source_bucket, reports.config_id, max(reports.report_at) AS report_at
    FROM days
    JOIN reports ON reports.reported_on <= days.reported_on
    JOIN ends
        ON
            ends.source_bucket = reports.source_bucket
            AND ends.config_id = reports.config_id
            AND (ends.is_in_use OR days.reported_on <= ends.last_on)
    GROUP BY ALL
)

SELECT newest.reported_on, history.device_id, history.kind, history.storage_class, history.access_tier,
    sum(history.object_count)::BIGINT AS object_count, sum(history.size_bytes)::BIGINT AS size_bytes,
    sum(history.good_name_count)::BIGINT AS good_name_count,
    coalesce(regions.region_code, '') AS region_code
FROM newest
JOIN facts.history AS history USING (source_bucket, config_id, report_at)
LEFT JOIN marts.bucket_regions AS regions USING (source_bucket)
GROUP BY ALL
ORDER BY reported_on
