-- purpose: What images with and without a label cost adds up to the newest month's bill, for each label name.
-- title:   The cost by label does not add up to the bill
-- columns: subject, expected, found
WITH bill AS (
    SELECT sum(cost_usd) AS cost_usd FROM marts.cost_months WHERE month = (SELECT max(month) FROM marts.cost_months)
)

SELECT labels.name AS subject, any_value(bill.cost_usd)::VARCHAR AS expected, sum(labels.cost_usd)::VARCHAR AS found
FROM marts.cost_labels AS labels, bill
GROUP BY labels.name
HAVING sum(labels.cost_usd) <> any_value(bill.cost_usd)
