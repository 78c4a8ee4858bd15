-- purpose: The bill by cost-allocation tag; one row per month, tag and value ('' = untagged).
-- columns: month, tag_key, tag_value, cost_usd, is_estimated
SELECT start_on AS month, breakdown[5:] AS tag_key, tag_value, sum(cost_usd) AS cost_usd,
    bool_or(is_estimated) AS is_estimated
FROM facts.cost_lines
WHERE starts_with(breakdown, 'tag:') AND granularity = 'MONTHLY'
GROUP BY ALL
ORDER BY month, tag_key, tag_value
