-- purpose: Days on which something cost far more or less than growth, the calendar and uploads explain, newest first; one
--   row per kind of usage and run of days. Yen are NULL where a month has no rate, the device where nothing tells it.
-- params:  categories=NULL
-- columns: first_on, last_on, day_count, category, cost_class, usage_type, operation, cost_usd, cost_jpy,
--   expected_usd, expected_jpy, difference_usd, difference_jpy, jpy_per_usd, bucket, device_id
SELECT
    first_on,
    last_on,
    day_count,
    category,
    storage_class AS cost_class,
    usage_type,
    operation,
    cost_usd,
    (cost_usd * jpy_per_usd)::DECIMAL(38, 10) AS cost_jpy,
    expected_usd,
    (expected_usd * jpy_per_usd)::DECIMAL(38, 10) AS expected_jpy,
    difference_usd,
    (difference_usd * jpy_per_usd)::DECIMAL(38, 10) AS difference_jpy,
    jpy_per_usd,
    bucket,
    nullif(device_id, '') AS device_id
FROM marts.cost_anomalies
LEFT JOIN marts.exchange_rates ON month = date_trunc('month', first_on)
WHERE ($categories IS NULL OR list_contains($categories, category))
ORDER BY first_on DESC, abs(difference_usd) DESC, usage_type, operation
