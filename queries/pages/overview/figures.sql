-- purpose: The key figures; exactly one row. Cold means the three Glacier classes. "Before" is 30 days before the
--          newest report. What was uploaded is in uploads.figures.
-- params:  devices=NULL
-- columns: size_bytes, size_bytes_before, cold_share, cold_share_before, finding_count, urgent_count
WITH stored AS (
    SELECT
        reported_on,
        sum(size_bytes) AS size_bytes,
        coalesce(sum(size_bytes) FILTER (storage_class IN ('GLACIER_IR', 'GLACIER', 'DEEP_ARCHIVE')), 0)
            / nullif(sum(size_bytes), 0) AS cold_share
    FROM marts.trend
    WHERE ($devices IS NULL OR list_contains($devices, device_id))
    GROUP BY reported_on
),

newest AS (
    SELECT max(reported_on) AS reported_on FROM marts.trend
),

findings AS (
    SELECT count(*) AS finding_count, count(*) FILTER (severity IN ('critical', 'high')) AS urgent_count
    FROM alerts.findings
    WHERE ($devices IS NULL OR list_contains($devices, device_id))
)

SELECT
    (
        SELECT coalesce(sum(size_bytes), 0)::BIGINT FROM marts.storage
        WHERE ($devices IS NULL OR list_contains($devices, device_id))
    ) AS size_bytes,
    (
        SELECT arg_max(size_bytes, reported_on)::BIGINT FROM stored
        WHERE reported_on <= newest.reported_on - INTERVAL 30 DAY
    ) AS size_bytes_before,
    (SELECT cold_share FROM stored WHERE stored.reported_on = newest.reported_on) AS cold_share,
    (
        SELECT arg_max(cold_share, reported_on) FROM stored
        WHERE reported_on <= newest.reported_on - INTERVAL 30 DAY
    ) AS cold_share_before,
    findings.finding_count,
    findings.urgent_count
FROM newest, findings
