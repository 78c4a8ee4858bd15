-- purpose: Each month's lines add up to the total that was noted when Cost Explorer answered.
-- title:   The costs do not add up to what Cost Explorer said
-- columns: subject, expected, found
WITH answered AS (
    SELECT breakdown, granularity, sum(total_usd::DECIMAL(38, 10)) AS cost_usd FROM raw.bills GROUP BY ALL
),

shown AS (
    SELECT 'usage' AS breakdown, 'MONTHLY' AS granularity, sum(cost_usd) AS cost_usd FROM marts.cost_months
    UNION ALL
    SELECT 'usage', 'DAILY', sum(cost_usd) FROM marts.cost_days
    UNION ALL
    SELECT 'tag:' || tag_key, 'MONTHLY', sum(cost_usd) FROM marts.cost_tags GROUP BY ALL
    UNION ALL
    SELECT 'account', 'MONTHLY', sum(cost_usd) FROM marts.cost_accounts
)

SELECT answered.breakdown || ' ' || answered.granularity AS subject, answered.cost_usd::VARCHAR AS expected,
    coalesce(shown.cost_usd, 0)::VARCHAR AS found
FROM answered
LEFT JOIN shown USING (breakdown, granularity)
WHERE coalesce(shown.cost_usd, 0) <> answered.cost_usd
UNION ALL
SELECT 'bill of ' || strftime(stated.month, '%Y-%m'), coalesce(stated.final_usd, stated.estimated_usd)::VARCHAR,
    coalesce(months.cost_usd, 0)::VARCHAR
FROM marts.cost_statements AS stated
LEFT JOIN (SELECT month, sum(cost_usd) AS cost_usd FROM marts.cost_months GROUP BY month) AS months USING (month)
WHERE stated.is_current AND coalesce(stated.final_usd, stated.estimated_usd) <> coalesce(months.cost_usd, 0)
