-- purpose: What the running month will come to: what is billed so far, and the mean of its last up to 7 complete days for
--   each day that is left, tax in the same proportion; no row where no month is running. Its last day is still growing,
--   and a day before it that the bill does not have yet is left too. What is of no kind and was booked on one day only,
--   as a fee is, comes once.
-- params:  categories=NULL
-- columns: month, to_date_usd, complete_until, days_left, recent_day_usd, month_end_usd
WITH running AS (
    SELECT max(month) AS month
    FROM marts.cost_months
    HAVING max(month) = max(month) FILTER (is_estimated)
),

lines AS (
    SELECT
        running.month,
        bills.billed_on,
        bills.cost_usd,
        -- Days are those of the whole bill: one without a cost of the chosen kinds is a day all the same.
        $categories IS NULL OR list_contains($categories, bills.category) AS is_chosen,
        CASE
            WHEN bills.category = 'tax' THEN 'tax'
            WHEN bills.category IN ('credit', 'refund') THEN 'credit'
            WHEN
                bills.category = 'other'
                AND min(bills.billed_on) OVER kind = max(bills.billed_on) OVER kind
                AND max(bills.billed_on) OVER () > running.month + 1
                THEN 'fee'
            ELSE 'usage'
        END AS part
    FROM marts.cost_days AS bills
    JOIN running ON bills.billed_on >= running.month
    WINDOW kind AS (PARTITION BY bills.service, bills.usage_type, bills.operation)
),

days AS (
    SELECT
        month,
        billed_on,
        coalesce(sum(cost_usd) FILTER (is_chosen AND part = 'usage'), 0) AS usage_usd,
        coalesce(sum(cost_usd) FILTER (is_chosen AND part = 'fee'), 0) AS fee_usd,
        coalesce(sum(cost_usd) FILTER (is_chosen AND part = 'tax'), 0) AS tax_usd,
        coalesce(sum(cost_usd) FILTER (is_chosen AND part = 'credit'), 0) AS credit_usd,
        bool_or(is_chosen) AS is_chosen,
        row_number() OVER (ORDER BY billed_on DESC) AS place
    FROM lines
    GROUP BY month, billed_on
),

sums AS (
    SELECT
        month,
        sum(usage_usd) AS usage_usd,
        sum(usage_usd) FILTER (place > 1) AS complete_usd,
        sum(fee_usd) AS fee_usd,
        sum(tax_usd) AS tax_usd,
        sum(credit_usd) AS credit_usd,
        max(billed_on) - 1 AS complete_until,
        last_day(month) + 1 - greatest(month, (SELECT min(billed_on) FROM marts.cost_days))
            - count(*) FILTER (place > 1) AS days_left,
        (avg(usage_usd) FILTER (place BETWEEN 2 AND 8))::DECIMAL(38, 10) AS recent_usd
    FROM days
    GROUP BY month
    HAVING bool_or(is_chosen)
)

SELECT
    month,
    (usage_usd + fee_usd + tax_usd + credit_usd)::DECIMAL(38, 10) AS to_date_usd,
    complete_until,
    days_left,
    recent_usd AS recent_day_usd,
    (
        (complete_usd + recent_usd * days_left + fee_usd) * (1 + tax_usd / nullif(usage_usd + fee_usd, 0)) + credit_usd
    )::DECIMAL(38, 10) AS month_end_usd
FROM sums
WHERE recent_usd IS NOT NULL AND complete_until >= month
