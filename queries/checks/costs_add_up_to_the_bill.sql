-- purpose: Each month's lines add up to the total that was noted when Cost Explorer answered or the export was read.
-- title:   The costs do not add up to what was billed
-- columns: subject, expected, found
WITH exported AS (SELECT * FROM staging.cost_exports WHERE is_current),

noted AS (
    SELECT breakdown || ' ' || granularity AS subject, total_usd::DECIMAL(38, 10) AS cost_usd
    FROM raw.bills
    WHERE period NOT IN (SELECT period FROM raw.export_statements)
    UNION ALL
    SELECT unnest(['usage MONTHLY', 'usage DAILY', 'account MONTHLY', 'buckets']), total_usd FROM exported
    UNION ALL
    SELECT 'tag:' || unnest(tags) || ' MONTHLY', total_usd FROM exported
    UNION ALL
    SELECT 'bill of ' || strftime(month, '%Y-%m'), coalesce(final_usd, estimated_usd)
    FROM marts.cost_statements
    WHERE is_current
),

expected AS (SELECT subject, sum(cost_usd) AS cost_usd FROM noted GROUP BY subject),

found AS (
    SELECT 'usage MONTHLY' AS subject, sum(cost_usd) AS cost_usd FROM marts.cost_months
    UNION ALL
    SELECT 'usage DAILY', sum(cost_usd) FROM marts.cost_days
    UNION ALL
    SELECT 'tag:' || tag_key || ' MONTHLY', sum(cost_usd) FROM marts.cost_tags GROUP BY ALL
    UNION ALL
    SELECT 'account MONTHLY', sum(cost_usd) FROM marts.cost_accounts
    UNION ALL
    SELECT 'buckets', sum(cost_usd) FROM marts.cost_buckets
    UNION ALL
    SELECT 'bill of ' || strftime(month, '%Y-%m'), sum(cost_usd) FROM marts.cost_months GROUP BY ALL
)

SELECT subject, expected.cost_usd::VARCHAR AS expected, coalesce(found.cost_usd, 0)::VARCHAR AS found
FROM expected
LEFT JOIN found USING (subject)
WHERE coalesce(found.cost_usd, 0) <> expected.cost_usd
