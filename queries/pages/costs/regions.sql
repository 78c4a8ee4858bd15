-- purpose: The regions whose storage one month's bill has, dearest first; one row per region. `region_code` is what usage
--   types begin with (APN1 is Tokyo), 'USE1' for N. Virginia, where they may begin with nothing.
-- params:  month=NULL
-- columns: region_code, cost_usd
WITH chosen AS (
    SELECT max(month) FILTER ($month IS NULL OR strftime(month, '%Y-%m') = $month) AS month
    FROM marts.cost_months
)

SELECT
    coalesce(nullif(billed_region(usage_type), ''), 'USE1') AS region_code,
    sum(cost_usd) AS cost_usd
FROM marts.cost_months
JOIN chosen USING (month)
WHERE category = 'storage'
GROUP BY region_code
ORDER BY cost_usd DESC, region_code
