-- purpose: Every line of every kept Cost Explorer answer; one row per line.
-- columns: breakdown, granularity, period, asked_at, start_on, end_on, service, usage_type, operation, tag_value,
--   account_id, record_type, cost_usd, unit, usage_amount, usage_unit, is_estimated
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
    line.cost_usd::DECIMAL(38, 10) AS cost_usd,
    line.unit AS unit,
    line.usage_amount::DECIMAL(38, 10) AS usage_amount,
    coalesce(line.usage_unit, '') AS usage_unit,
    line.is_estimated AS is_estimated
FROM (SELECT breakdown, granularity, period, asked_at, unnest(lines) AS line FROM raw.bills)
