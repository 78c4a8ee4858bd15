-- purpose: What every month billed for storage, and what its reports listed of the kinds that promises are held against; one
--   row per month, class and tier. `day_count` is the number of days of the month that a report speaks for.
-- columns: month, month_days, day_count, storage_class, access_tier, noncurrent_byte_days, junk_byte_days, billed_usd,
--   billed_gb_months, is_estimated, jpy_per_usd
WITH billed AS (
    SELECT
        month,
        storage_class,
        CASE
            WHEN usage_type LIKE '%-INT-FA-%' THEN 'FREQUENT'
            WHEN usage_type LIKE '%-INT-IA-%' THEN 'INFREQUENT'
            WHEN usage_type LIKE '%-INT-AIA-%' THEN 'ARCHIVE_INSTANT_ACCESS'
            WHEN usage_type LIKE '%-INT-AA-%' THEN 'ARCHIVE'
            WHEN usage_type LIKE '%-INT-DAA-%' THEN 'DEEP_ARCHIVE'
            ELSE ''
        END AS access_tier,
        sum(cost_usd) AS cost_usd,
        sum(usage_amount) AS gb_months
    FROM marts.cost_months
    WHERE category = 'storage' AND storage_class <> '' AND usage_unit = 'GB-Mo'
    GROUP BY ALL
),

kept AS (
    SELECT
        month,
        storage_class,
        access_tier,
        sum(byte_days) FILTER (kind = 'noncurrent_version') AS noncurrent_byte_days,
        sum(byte_days) FILTER (kind = 'junk') AS junk_byte_days
    FROM marts.storage_days
    WHERE storage_class <> ''
    GROUP BY ALL
),

months AS (
    SELECT bills.month, bills.is_estimated, coalesce(reported.day_count, 0) AS day_count, rates.jpy_per_usd
    FROM (SELECT month, bool_or(is_estimated) AS is_estimated FROM marts.cost_months GROUP BY month) AS bills
    LEFT JOIN (SELECT month, max(day_count) AS day_count FROM marts.storage_days GROUP BY month) AS reported USING (month)
    LEFT JOIN marts.exchange_rates AS rates USING (month)
),

places AS (
    SELECT month, storage_class, access_tier FROM billed
    UNION
    SELECT month, storage_class, access_tier FROM kept
)

SELECT
    months.month,
    day(last_day(months.month))::BIGINT AS month_days,
    months.day_count::BIGINT AS day_count,
    places.storage_class,
    places.access_tier,
    coalesce(kept.noncurrent_byte_days, 0)::DECIMAL(38, 0) AS noncurrent_byte_days,
    coalesce(kept.junk_byte_days, 0)::DECIMAL(38, 0) AS junk_byte_days,
    billed.cost_usd::DECIMAL(38, 10) AS billed_usd,
    billed.gb_months::DECIMAL(38, 10) AS billed_gb_months,
    months.is_estimated,
    months.jpy_per_usd
FROM months
LEFT JOIN places USING (month)
LEFT JOIN billed USING (month, storage_class, access_tier)
LEFT JOIN kept USING (month, storage_class, access_tier)
ORDER BY month, storage_class, access_tier
