-- purpose: What each month's bill is, newest first, an estimate and a final amount in columns of their own, and what it
--   was before AWS restated it; one row per month.
-- columns: month, estimated_usd, final_usd, former_usd, difference_usd, stated_at
SELECT month, estimated_usd, final_usd, former_usd, difference_usd, stated_at
FROM marts.cost_statements
WHERE is_current
ORDER BY month DESC
