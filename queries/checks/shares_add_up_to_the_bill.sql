-- purpose: What the bill was shared out to adds up to the bill for each month and kind of cost, to the last digit, and
--   rounding hides less than a cent of a month.
-- title:   The shares of the bill do not add up to the bill
-- columns: subject, expected, found
WITH billed AS (SELECT month, category, sum(cost_usd) AS cost_usd FROM marts.cost_months GROUP BY ALL),

shared AS (SELECT month, category, sum(cost_usd) AS cost_usd FROM marts.cost_shares GROUP BY ALL)

SELECT
    coalesce(billed.category, shared.category) || ' ' || strftime(coalesce(billed.month, shared.month), '%Y-%m') AS subject,
    coalesce(billed.cost_usd, 0)::VARCHAR AS expected,
    coalesce(shared.cost_usd, 0)::VARCHAR AS found
FROM billed
FULL JOIN shared ON shared.month = billed.month AND shared.category = billed.category
WHERE coalesce(billed.cost_usd, 0) <> coalesce(shared.cost_usd, 0)
UNION ALL
SELECT 'rounding ' || strftime(month, '%Y-%m'), 'under 0.01', sum(abs(cost_usd))::VARCHAR
FROM marts.cost_shares
WHERE part = 'rounding'
GROUP BY month
HAVING sum(abs(cost_usd)) >= 0.01
