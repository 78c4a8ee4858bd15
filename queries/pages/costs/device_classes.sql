-- purpose: One month's bill by device, storage class, kind of cost and what the sharing follows; one row per combination,
--   the rest by its name.
-- params:  month=NULL, categories=NULL
-- columns: cost_owner, cost_class, category, share_basis, cost_usd, cost_jpy
WITH chosen AS (
    SELECT max(month) FILTER ($month IS NULL OR strftime(month, '%Y-%m') = $month) AS month
    FROM marts.cost_months
)

SELECT
    CASE WHEN part = 'device' THEN device_id ELSE 'part:' || part END AS cost_owner,
    storage_class AS cost_class,
    category,
    basis AS share_basis,
    cost_usd,
    (cost_usd * jpy_per_usd)::DECIMAL(38, 10) AS cost_jpy
FROM marts.cost_shares
JOIN chosen USING (month)
LEFT JOIN marts.exchange_rates USING (month)
WHERE ($categories IS NULL OR list_contains($categories, category))
ORDER BY part <> 'device', cost_owner, cost_usd DESC
