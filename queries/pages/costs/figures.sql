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
    SELECT
        costs.month,
        sum(cost_usd) FILTER ($categories IS NULL OR list_contains($categories, category)) AS cost_usd,
        bool_or(is_estimated) FILTER ($categories IS NULL OR list_contains($categories, category)) AS is_estimated,
        bool_or(is_estimated) AS is_running,
        any_value(jpy_per_usd) AS jpy_per_usd,
        any_value(rates.source) AS rate_source,
        any_value(dated_on) AS rate_dated_on
    FROM marts.cost_months AS costs
    LEFT JOIN marts.exchange_rates AS rates USING (month)
    GROUP BY costs.month
),

three AS (
    SELECT
        *,
        max(month) OVER () AS newest,
        -date_diff('month', max(month) OVER (), month) AS age
    FROM months
    QUALIFY age <= 2
),

stands AS (
    SELECT
        any_value(newest) AS month,
        (any_value(newest) - INTERVAL 1 MONTH)::DATE AS last_month,
        (any_value(newest) - INTERVAL 2 MONTH)::DATE AS last_month_before,
        any_value(cost_usd) FILTER (age = 0) AS cost_usd,
        any_value(cost_usd) FILTER (age = 1) AS last_cost_usd,
        any_value(cost_usd) FILTER (age = 2) AS last_cost_usd_before,
        coalesce(any_value(is_running) FILTER (age = 0), false) AS is_estimated,
        coalesce(any_value(is_estimated) FILTER (age = 1), false) AS is_last_estimated,
        any_value(jpy_per_usd) FILTER (age = 0) AS jpy_per_usd,
        any_value(jpy_per_usd) FILTER (age = 1) AS last_jpy_per_usd,
        any_value(jpy_per_usd) FILTER (age = 2) AS before_jpy_per_usd,
        any_value(rate_source) FILTER (age = 0) AS rate_source,
        any_value(rate_dated_on) FILTER (age = 0) AS rate_dated_on
    FROM three
),

billed AS (
    SELECT max(billed_on) AS last_on FROM marts.cost_days
),

compared AS (
    SELECT
        stands.month,
        stands.last_month,
        least(
            CASE WHEN stands.is_estimated THEN day(billed.last_on) - 1 ELSE day(billed.last_on) END,
            day(last_day(stands.last_month))
        ) AS day_count
    FROM stands, billed
    WHERE date_trunc('month', billed.last_on) = stands.month
),

-- A day that the bill does not have yet is no day without cost.
whole AS (
    SELECT compared.*
    FROM compared
    JOIN marts.cost_days AS days ON days.billed_on >= compared.last_month AND day(days.billed_on) <= compared.day_count
    GROUP BY ALL
    HAVING count(DISTINCT days.billed_on) = 2 * compared.day_count
),

days AS (
    SELECT
        sum(cost_usd) FILTER (billed_on >= compared.month) AS cost_usd,
        sum(cost_usd) FILTER (billed_on < compared.month) AS cost_usd_before,
        max(compared.month) + max(compared.day_count)::INTEGER - 1 AS compared_until
    FROM marts.cost_days, whole AS compared
    WHERE category NOT IN ('tax', 'credit', 'refund')
      AND billed_on >= compared.last_month
      AND day(billed_on) <= compared.day_count
      AND ($categories IS NULL OR list_contains($categories, category))
),

looking AS (
    SELECT coalesce(sum(request_count), 0)::BIGINT AS request_count, coalesce(sum(cost_usd), 0) AS cost_usd
    FROM marts.cost_looking
    WHERE month = (SELECT max(month) FROM marts.cost_months)
)

SELECT
    stands.month,
    stands.cost_usd,
    (stands.cost_usd * jpy_per_usd)::DECIMAL(38, 10) AS cost_jpy,
    is_estimated,
    last_month,
    last_cost_usd,
    (last_cost_usd * last_jpy_per_usd)::DECIMAL(38, 10) AS last_cost_jpy,
    is_last_estimated,
    last_month_before,
    last_cost_usd_before,
    (last_cost_usd_before * before_jpy_per_usd)::DECIMAL(38, 10) AS last_cost_jpy_before,
    compared_until,
    days.cost_usd AS days_cost_usd,
    (days.cost_usd * jpy_per_usd)::DECIMAL(38, 10) AS days_cost_jpy,
    days.cost_usd_before AS days_cost_usd_before,
    (days.cost_usd_before * last_jpy_per_usd)::DECIMAL(38, 10) AS days_cost_jpy_before,
    looking.request_count,
    looking.cost_usd AS looking_usd,
    (looking.cost_usd * jpy_per_usd)::DECIMAL(38, 10) AS looking_jpy,
    jpy_per_usd,
    rate_source,
    rate_dated_on
FROM stands, days, looking
