-- purpose: The bill by fiscal year, newest first; one row per year. Estimated and final months stand in columns of their
--   own; `month_count` is how many months of the year have a bill. Yen are NULL where a month lacks its rate.
-- params:  categories=NULL, first_month=4
-- columns: fiscal_year, from_on, until_on, month_count, final_usd, estimated_usd, final_jpy, estimated_jpy
WITH months AS (
    SELECT
        bills.month,
        (bills.month - ((coalesce($first_month, 4)::INTEGER - 1) * INTERVAL 1 MONTH))::DATE AS shifted,
        bool_or(bills.is_estimated) AS is_estimated,
        coalesce(sum(bills.cost_usd) FILTER ($categories IS NULL OR list_contains($categories, category)), 0) AS cost_usd,
        any_value(rates.jpy_per_usd) AS jpy_per_usd
    FROM marts.cost_months AS bills
    LEFT JOIN marts.exchange_rates AS rates USING (month)
    GROUP BY bills.month
)

SELECT
    year(shifted) AS fiscal_year,
    min(month) AS from_on,
    last_day(max(month)) AS until_on,
    count(*) AS month_count,
    sum(cost_usd) FILTER (NOT is_estimated) AS final_usd,
    sum(cost_usd) FILTER (is_estimated) AS estimated_usd,
    CASE
        WHEN count(*) FILTER (jpy_per_usd IS NULL) = 0 THEN sum(cost_usd * jpy_per_usd) FILTER (NOT is_estimated)
    END::DECIMAL(38, 10) AS final_jpy,
    CASE
        WHEN count(*) FILTER (jpy_per_usd IS NULL) = 0 THEN sum(cost_usd * jpy_per_usd) FILTER (is_estimated)
    END::DECIMAL(38, 10) AS estimated_jpy
FROM months
GROUP BY fiscal_year
ORDER BY fiscal_year DESC
