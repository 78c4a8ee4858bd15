-- purpose: The key figures; exactly one row. Cold means the three Glacier classes. "Before" is 30 days before the
--          newest report for what is stored, the 30 days before the last 30 for uploads.
-- params:  devices=NULL
-- columns: size_bytes, size_bytes_before, cold_share, cold_share_before, uploaded_bytes, uploaded_bytes_before,
--          finding_count, urgent_count
WITH stored AS (
    SELECT
        reported_on,
        sum(size_bytes) AS size_bytes,
        sum(size_bytes) FILTER (storage_class IN ('GLACIER_IR', 'GLACIER', 'DEEP_ARCHIVE'))
            / nullif(sum(size_bytes), 0) AS cold_share
    FROM marts.trend
    WHERE ($devices IS NULL OR list_contains($devices, device_id))
    GROUP BY reported_on
),

newest AS (
    SELECT max(reported_on) AS reported_on FROM stored
),

days AS (
    SELECT uploaded_on, sum(size_bytes) AS size_bytes
    FROM marts.uploads
    WHERE kind = 'image' AND ($devices IS NULL OR list_contains($devices, device_id))
    GROUP BY uploaded_on
),

findings AS (
    SELECT count(*) AS finding_count, count(*) FILTER (severity IN ('critical', 'high')) AS urgent_count
    FROM alerts.findings
    WHERE ($devices IS NULL OR list_contains($devices, device_id))
)

SELECT
    (
        SELECT sum(size_bytes)::BIGINT FROM marts.storage
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
    (
        SELECT sum(size_bytes)::BIGINT FROM days
        WHERE uploaded_on > newest.reported_on - INTERVAL 30 DAY
    ) AS uploaded_bytes,
    (
        SELECT sum(size_bytes)::BIGINT FROM days
        WHERE uploaded_on > newest.reported_on - INTERVAL 60 DAY
          AND uploaded_on <= newest.reported_on - INTERVAL 30 DAY
    ) AS uploaded_bytes_before,
    findings.finding_count,
    findings.urgent_count
FROM newest, findings
