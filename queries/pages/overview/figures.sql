-- purpose: The key figures; exactly one row. Cold means the three Glacier classes. "Before" is 30 days before the
--          newest report for what is stored, the 30 days before the last 30 for uploads, and the same days of the
--          month before for cost. Yen are NULL where a month has no rate.
-- params:  devices=NULL, categories=NULL
-- columns: size_bytes, size_bytes_before, cold_share, cold_share_before, uploaded_bytes, uploaded_bytes_before,
--          cost_usd, cost_usd_before, cost_jpy, cost_jpy_before, cost_until, finding_count, urgent_count
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

last_day AS (
    SELECT max(billed_on) AS billed_on FROM marts.cost_days
),

cost AS (
    SELECT
        sum(cost_usd) FILTER (d.billed_on >= date_trunc('month', last_day.billed_on)) AS cost_usd,
        sum(cost_usd) FILTER (
            d.billed_on >= date_trunc('month', last_day.billed_on) - INTERVAL 1 MONTH
            AND d.billed_on <= last_day.billed_on - INTERVAL 1 MONTH
        ) AS cost_usd_before,
        any_value(last_day.billed_on) AS cost_until
    FROM marts.cost_days AS d, last_day
    WHERE ($categories IS NULL OR list_contains($categories, category))
),

rates AS (
    SELECT
        any_value(jpy_per_usd) FILTER (month = date_trunc('month', billed_on)) AS jpy_per_usd,
        any_value(jpy_per_usd) FILTER (month < date_trunc('month', billed_on)) AS jpy_per_usd_before
    FROM last_day
    LEFT JOIN marts.exchange_rates
        ON month BETWEEN date_trunc('month', billed_on) - INTERVAL 1 MONTH AND date_trunc('month', billed_on)
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
    cost.cost_usd,
    cost.cost_usd_before,
    (cost.cost_usd * rates.jpy_per_usd)::DECIMAL(38, 10) AS cost_jpy,
    (cost.cost_usd_before * rates.jpy_per_usd_before)::DECIMAL(38, 10) AS cost_jpy_before,
    cost.cost_until,
    findings.finding_count,
    findings.urgent_count
FROM newest, cost, rates, findings
