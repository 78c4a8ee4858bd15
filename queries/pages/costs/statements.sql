-- purpose: What each month's bill is, newest first, an estimate and a final amount in columns of their own, what it was
--   before AWS restated it, and, where an export counts, what Cost Explorer says; one row per month.
-- columns: month, bill_source, estimated_usd, final_usd, former_usd, difference_usd, other_usd, stated_at
WITH newest AS (
    SELECT month, arg_max(coalesce(final_usd, estimated_usd), stated_at) AS other_usd
    FROM marts.cost_statements
    WHERE source = 'cost_explorer'
    GROUP BY month
)

SELECT
    stated.month,
    stated.source AS bill_source,
    stated.estimated_usd,
    stated.final_usd,
    CASE WHEN stated.difference_usd <> 0 THEN stated.former_usd END AS former_usd,
    CASE WHEN stated.difference_usd <> 0 THEN stated.difference_usd END AS difference_usd,
    CASE WHEN stated.source = 'export' THEN newest.other_usd END AS other_usd,
    stated.stated_at
FROM marts.cost_statements AS stated
LEFT JOIN newest USING (month)
WHERE stated.is_current
ORDER BY month DESC
