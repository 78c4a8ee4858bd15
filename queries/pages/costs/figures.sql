-- purpose: The bill in key figures; exactly one row. `month` is the newest month with a bill, the "full months" are
--   the up to 12 before it. The days compared are the complete ones of the newest month (its last day is still
--   growing) and the same days of the month before; tax, credits and refunds, which are booked on single days, are left
--   out of them. Without every day of both months they are NULL.
-- params:  categories=NULL
-- columns: month, cost_usd, is_estimated, last_month, last_cost_usd, is_last_estimated, last_month_before,
--   last_cost_usd_before, full_month_count, full_months_cost_usd, compared_until, days_cost_usd, days_cost_usd_before,
--   request_count, looking_usd
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

full_months AS (
    SELECT count(*) AS month_count, sum(cost_usd) AS cost_usd
    FROM months, newest
    WHERE months.month < newest.month AND months.month >= newest.month - INTERVAL 12 MONTH
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
    (SELECT cost_usd FROM months WHERE months.month = newest.month) AS cost_usd,
    newest.is_estimated,
    newest.last_month,
    (SELECT cost_usd FROM months WHERE months.month = newest.last_month) AS last_cost_usd,
    coalesce((SELECT is_estimated FROM months WHERE months.month = newest.last_month), false) AS is_last_estimated,
    newest.last_month_before,
    (SELECT cost_usd FROM months WHERE months.month = newest.last_month_before) AS last_cost_usd_before,
    full_months.month_count AS full_month_count,
    full_months.cost_usd AS full_months_cost_usd,
    CASE WHEN days.day_count > 0 THEN days.compared_until END AS compared_until,
    CASE WHEN days.day_count > 0 THEN days.cost_usd END AS days_cost_usd,
    CASE WHEN days.day_count > 0 THEN days.cost_usd_before END AS days_cost_usd_before,
    (SELECT coalesce(sum(request_count), 0)::BIGINT FROM marts.cost_looking WHERE month = newest.month) AS request_count,
    (SELECT coalesce(sum(cost_usd), 0) FROM marts.cost_looking WHERE month = newest.month) AS looking_usd
FROM newest, full_months, days
