-- purpose: The archive over time from every report ever loaded, each bucket by its newest report up to the day; one
--   row per day, device, kind, class and tier.
-- columns: reported_on, device_id, kind, storage_class, access_tier, object_count, size_bytes, good_name_count
WITH reports AS (
    SELECT source_bucket, config_id, report_at::DATE AS reported_on, max(report_at) AS report_at
    FROM facts.history
    GROUP BY ALL
),

days AS (SELECT DISTINCT reported_on FROM reports),

newest AS (
    SELECT days.reported_on, reports.source_bucket, reports.config_id, max(reports.report_at) AS report_at
    FROM days
    JOIN reports ON reports.reported_on <= days.reported_on
    GROUP BY ALL
)

SELECT newest.reported_on, history.device_id, history.kind, history.storage_class, history.access_tier,
    sum(history.object_count)::BIGINT AS object_count, sum(history.size_bytes)::BIGINT AS size_bytes,
    sum(history.good_name_count)::BIGINT AS good_name_count
FROM newest
JOIN facts.history AS history USING (source_bucket, config_id, report_at)
GROUP BY ALL
ORDER BY reported_on
