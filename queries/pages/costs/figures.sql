-- purpose: The bill in key figures; exactly one row. `month` is the newest month with a bill. The days compared are the
--   complete ones of the newest month (its last day is still growing) and the same days of the month before; tax, credits
--   and refunds, which are booked on single days, are left out of them. Without every day of both months they are NULL.
--   Yen are NULL where the month has no rate.
-- params:  categories=NULL
-- columns: month, cost_usd, cost_jpy, is_estimated, last_month, last_cost_usd, last_cost_jpy, is_last_estimated,
--   last_month_before, last_cost_usd_before, last_cost_jpy_before, compared_until, days_cost_usd, days_cost_jpy,
--   days_cost_usd_before, days_cost_jpy_before, request_count, looking_usd, looking_jpy, jpy_per_usd, rate_source,
--   rate_dated_on
WITH months AS (
    SELECT month, sum(cost_usd) AS cost_usd, bool_or(is_estimated) AS is_estimated
    FROM marts.cost_months
    WHERE ($categories IS NULL OR list_contains($categories, category))
    GROUP BY month
),

newest AS (
    SELECT
        max(month) AS month,
        (max(month) - INTERVAL 1 MONTH)::DATE AS last_month,
        (max(month) - INTERVAL 2 MONTH)::DATE AS last_month_before,
        coalesce(bool_or(is_estimated) FILTER (month = (SELECT max(month) FROM marts.cost_months)), false)
            AS is_estimated
    FROM marts.cost_months
),

billed AS (
    SELECT min(billed_on) AS first_on, max(billed_on) AS last_on
    FROM marts.cost_days
),

compared AS (
    SELECT
        newest.month,
        newest.last_month,
        least(
            CASE WHEN newest.is_estimated THEN day(billed.last_on) - 1 ELSE day(billed.last_on) END,
            day(last_day(newest.last_month))
        ) AS day_count
    FROM newest, billed
    WHERE date_trunc('month', billed.last_on) = newest.month AND billed.first_on <= newest.last_month
),

days AS (
    SELECT
        sum(cost_usd) FILTER (billed_on >= compared.month AND day(billed_on) <= compared.day_count) AS cost_usd,
        sum(cost_usd) FILTER (
            billed_on >= compared.last_month AND billed_on < compared.month AND day(billed_on) <= compared.day_count
        ) AS cost_usd_before,
        max(compared.month) + max(compared.day_count)::INTEGER - 1 AS compared_until,
        max(compared.day_count) AS day_count
    FROM marts.cost_days, compared
    WHERE category NOT IN ('tax', 'credit', 'refund')
      AND ($categories IS NULL OR list_contains($categories, category))
)

SELECT
    newest.month,
    this.cost_usd,
    (this.cost_usd * rate.jpy_per_usd)::DECIMAL(38, 10) AS cost_jpy,
    newest.is_estimated,
    newest.last_month,
    last.cost_usd AS last_cost_usd,
    (last.cost_usd * last_rate.jpy_per_usd)::DECIMAL(38, 10) AS last_cost_jpy,
    coalesce(last.is_estimated, false) AS is_last_estimated,
    newest.last_month_before,
    before.cost_usd AS last_cost_usd_before,
    (before.cost_usd * before_rate.jpy_per_usd)::DECIMAL(38, 10) AS last_cost_jpy_before,
    CASE WHEN days.day_count > 0 THEN days.compared_until END AS compared_until,
    CASE WHEN days.day_count > 0 THEN days.cost_usd END AS days_cost_usd,
    CASE WHEN days.day_count > 0 THEN days.cost_usd * rate.jpy_per_usd END::DECIMAL(38, 10) AS days_cost_jpy,
    CASE WHEN days.day_count > 0 THEN days.cost_usd_before END AS days_cost_usd_before,
    CASE
        WHEN days.day_count > 0 THEN days.cost_usd_before * last_rate.jpy_per_usd
    END::DECIMAL(38, 10) AS days_cost_jpy_before,
    looking.request_count,
    looking.cost_usd AS looking_usd,
    (looking.cost_usd * rate.jpy_per_usd)::DECIMAL(38, 10) AS looking_jpy,
    rate.jpy_per_usd,
    rate.source AS rate_source,
    rate.dated_on AS rate_dated_on
FROM newest
CROSS JOIN days
CROSS JOIN (
    SELECT coalesce(sum(request_count), 0)::BIGINT AS request_count, coalesce(sum(cost_usd), 0) AS cost_usd
    FROM marts.cost_looking
    WHERE month = (SELECT max(month) FROM marts.cost_months)
) AS looking
LEFT JOIN months AS this ON this.month = newest.month
LEFT JOIN months AS last ON last.month = newest.last_month
LEFT JOIN months AS before ON before.month = newest.last_month_before
LEFT JOIN marts.exchange_rates AS rate ON rate.month = newest.month
LEFT JOIN marts.exchange_rates AS last_rate ON last_rate.month = newest.last_month
LEFT JOIN marts.exchange_rates AS before_rate ON before_rate.month = newest.last_month_before
