-- purpose: Every billed line that counts, from the bill's export for the months that have one and from Cost Explorer's
--   answers for the others; one row per line and breakdown. Only an export knows the bucket.
-- columns: breakdown, granularity, period, asked_at, start_on, end_on, service, usage_type, operation, tag_value,
--   account_id, record_type, bucket, cost_usd, unit, usage_amount, usage_unit, is_estimated
WITH answered AS (
    SELECT breakdown, granularity, period, asked_at, unnest(lines) AS line
    FROM raw.bills
    WHERE period NOT IN (SELECT period FROM raw.export_statements)
),

tagged AS (
    SELECT lines.*, 'tag:' || tags.tag AS breakdown, lines.tag_values[tags.place] AS tag_value
    FROM raw.export_lines AS lines
    JOIN (
        SELECT period, unnest(tags) AS tag, unnest(range(1, len(tags) + 1)) AS place
        FROM staging.cost_exports
        WHERE is_current
    ) AS tags USING (period)
),

exported AS (
    SELECT *, 'usage' AS breakdown, 'DAILY' AS granularity, '' AS tag_value, start_on AS from_on,
        start_on + 1 AS end_on
    FROM raw.export_lines
    UNION ALL BY NAME
    SELECT *, 'usage' AS breakdown, 'MONTHLY' AS granularity, '' AS tag_value,
        date_trunc('month', start_on)::DATE AS from_on, last_day(start_on) + 1 AS end_on
    FROM raw.export_lines
    UNION ALL BY NAME
    SELECT *, 'account' AS breakdown, 'MONTHLY' AS granularity, '' AS tag_value,
        date_trunc('month', start_on)::DATE AS from_on, last_day(start_on) + 1 AS end_on
    FROM raw.export_lines
    UNION ALL BY NAME
    SELECT *, 'MONTHLY' AS granularity, date_trunc('month', start_on)::DATE AS from_on,
        last_day(start_on) + 1 AS end_on
    FROM tagged
)

SELECT
    breakdown,
    granularity,
    period,
    asked_at::TIMESTAMP AS asked_at,
    line.start::DATE AS start_on,
    line."end"::DATE AS end_on,
    coalesce(line.service, '') AS service,
    coalesce(line.usage_type, '') AS usage_type,
    coalesce(line.operation, '') AS operation,
    coalesce(line.tag_value, '') AS tag_value,
    coalesce(line.account_id, '') AS account_id,
    coalesce(line.record_type, '') AS record_type,
    '' AS bucket,
    line.cost_usd::DECIMAL(38, 10) AS cost_usd,
    line.unit AS unit,
    line.usage_amount::DECIMAL(38, 10) AS usage_amount,
    coalesce(line.usage_unit, '') AS usage_unit,
    line.is_estimated AS is_estimated
FROM answered
UNION ALL
SELECT breakdown, granularity, period, asked_at, from_on, end_on, service, usage_type, operation, tag_value, account_id,
    record_type, bucket, cost_usd, 'USD', usage_amount, usage_unit, is_estimated
FROM exported
