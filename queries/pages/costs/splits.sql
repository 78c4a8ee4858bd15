-- purpose: One month's bill by cost-allocation tag, by linked account and, where an export knows it, by bucket; one row
--   per tag and value, then per account and bucket, dearest first. What was not spread is a row of its own, so that each
--   tag, the accounts and the buckets add up to `bill_usd`. `part` is a phrase of the dashboard, `tag_key` and `split_value` are foreign text.
-- params:  month=NULL
-- columns: turn, part, tag_key, split_value, cost_usd, cost_jpy, cost_share, bill_usd
WITH chosen AS (
    SELECT max(month) FILTER ($month IS NULL OR strftime(month, '%Y-%m') = $month) AS month
    FROM marts.cost_months
),

bill AS (
    SELECT sum(cost_usd) AS bill_usd, any_value(jpy_per_usd) AS jpy_per_usd
    FROM marts.cost_months
    JOIN chosen USING (month)
    LEFT JOIN marts.exchange_rates USING (month)
),

given AS (
    SELECT
        0 AS turn,
        CASE WHEN tag_value = '' THEN 'Untagged' ELSE 'Tag' END AS part,
        tag_key,
        tag_value AS split_value,
        cost_usd
    FROM marts.cost_tags
    JOIN chosen USING (month)
    UNION ALL
    SELECT 1, 'Linked account', '', account_id, cost_usd
    FROM marts.cost_accounts
    JOIN chosen USING (month)
    UNION ALL
    SELECT 2, CASE WHEN bucket = '' THEN 'No bucket' ELSE 'Bucket' END, '', bucket, cost_usd
    FROM marts.cost_buckets
    JOIN chosen USING (month)
),

parts AS (
    SELECT * FROM given
    UNION ALL
    SELECT given.turn, 'Not split', given.tag_key, '', any_value(bill.bill_usd) - sum(given.cost_usd)
    FROM given, bill
    GROUP BY given.turn, given.tag_key
    HAVING any_value(bill.bill_usd) <> sum(given.cost_usd)
)

SELECT
    parts.turn,
    parts.part,
    parts.tag_key,
    parts.split_value,
    parts.cost_usd,
    (parts.cost_usd * bill.jpy_per_usd)::DECIMAL(38, 10) AS cost_jpy,
    parts.cost_usd / nullif(bill.bill_usd, 0) AS cost_share,
    bill.bill_usd
FROM parts, bill
ORDER BY parts.turn, parts.tag_key, parts.part = 'Not split', parts.cost_usd DESC, parts.split_value
