-- purpose: What looking at the archive costs: inventory reports, storage statistics, tags read, questions to Cost
--   Explorer; one row per month and kind. Cost Explorer's own price is known from the dashboard's requests, and is in no
--   bill of S3 (`is_in_bill`).
-- columns: month, looked_with, cost_usd, request_count, is_in_bill
SELECT
    start_on AS month,
    CASE
        WHEN service = 'AWS Cost Explorer' THEN 'cost_explorer'
        WHEN operation = 'GetObjectTagging' THEN 'tag_reads'
        WHEN usage_type LIKE '%Inventory-%' THEN 'inventory_reports'
        ELSE 'storage_statistics'
    END AS looked_with,
    sum(cost_usd) AS cost_usd,
    NULL::BIGINT AS request_count,
    true AS is_in_bill
FROM facts.cost_lines
WHERE breakdown = 'usage' AND granularity = 'MONTHLY' AND category = 'looking'
GROUP BY ALL
UNION ALL
SELECT
    date_trunc('month', "at"::TIMESTAMP)::DATE AS month,
    'cost_explorer' AS looked_with,
    sum(cost_usd) AS cost_usd,
    count(*) AS request_count,
    false AS is_in_bill
FROM raw.requests
WHERE NOT EXISTS (SELECT 1 FROM facts.cost_lines WHERE service = 'AWS Cost Explorer')
GROUP BY ALL
ORDER BY month, looked_with
