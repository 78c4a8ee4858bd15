-- purpose: How much was kept for how long in each month of the bill, as the reports listed it, each report holding until
--   the next; one row per month, device, kind, class, tier and region. `day_count` is the number of days of the month that a report
--   speaks for: days before the first report, and after the last billed one, are in none.
-- columns: month, device_id, kind, storage_class, access_tier, byte_days, object_days, day_count, region_code
WITH ends AS (
    SELECT
        greatest(
            (SELECT max(reported_on) + 1 FROM marts.trend),
            (SELECT max(billed_on) + 1 FROM marts.cost_days)
        ) AS until_on
),

days AS (
    SELECT reported_on, coalesce(lead(reported_on) OVER (ORDER BY reported_on), ends.until_on) AS until_on
    FROM (SELECT DISTINCT reported_on FROM marts.trend) AS reports
    CROSS JOIN ends
),

spans AS (
    SELECT
        bills.month,
        days.reported_on,
        least(days.until_on, last_day(bills.month) + 1) - greatest(days.reported_on, bills.month) AS day_count
    FROM (SELECT DISTINCT month FROM marts.cost_months) AS bills
    JOIN days ON days.reported_on <= last_day(bills.month) AND days.until_on > bills.month
)

SELECT
    spans.month,
    kept.device_id,
    kept.kind,
    kept.storage_class,
    kept.access_tier,
    sum(kept.size_bytes::HUGEINT * spans.day_count)::DECIMAL(38, 0) AS byte_days,
    sum(kept.object_count * spans.day_count)::BIGINT AS object_days,
    any_value(spans.covered_count)::BIGINT AS day_count,
    kept.region_code
FROM (SELECT *, sum(day_count) OVER (PARTITION BY month) AS covered_count FROM spans) AS spans
JOIN marts.trend AS kept USING (reported_on)
GROUP BY ALL
ORDER BY month, device_id, kind, storage_class, access_tier
