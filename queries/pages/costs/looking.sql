-- purpose: What looking at the archive cost in one month, dearest first; one row per kind.
-- params:  month=NULL
-- columns: looked_with, cost_usd, request_count, is_in_bill, month
WITH chosen AS (
    SELECT max(month) FILTER ($month IS NULL OR strftime(month, '%Y-%m') = $month) AS month
    FROM marts.cost_months
)

SELECT looked_with, cost_usd, request_count, is_in_bill, month
FROM marts.cost_looking
JOIN chosen USING (month)
ORDER BY cost_usd DESC, looked_with
