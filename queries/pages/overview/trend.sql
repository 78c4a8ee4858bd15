-- purpose: What was stored over the last year, for the lines in the key figures; one row per day with a report.
-- params:  devices=NULL
-- columns: reported_on, size_bytes, cold_share
SELECT
    reported_on,
    sum(size_bytes)::BIGINT AS size_bytes,
    coalesce(sum(size_bytes) FILTER (storage_class IN ('GLACIER_IR', 'GLACIER', 'DEEP_ARCHIVE')), 0)
        / nullif(sum(size_bytes), 0) AS cold_share
FROM marts.trend
WHERE ($devices IS NULL OR list_contains($devices, device_id))
  AND reported_on > (SELECT max(reported_on) FROM marts.trend) - INTERVAL 365 DAY
GROUP BY reported_on
ORDER BY reported_on
