-- purpose: What changed most to a month from so many months before (1 if left out), the largest change first, by the
--   device that caused it, kind of cost and class; one row per combination that changed in dollars or yen, none where one
--   of the two months has no bill. A running month cannot be compared with a full one, so the last full month stands in
--   for it. Where reports speak for a part of one of the months only, what follows from them is in one row, for their
--   beginning is no change of the bill. The differences add up to that of the bills, in dollars and in yen.
-- params:  month=NULL, categories=NULL, months_back=NULL
-- columns: month, cost_owner, category, cost_class, former_usd, former_jpy, cost_usd, cost_jpy, difference_usd,
--   difference_jpy
WITH full_months AS (
    SELECT month
    FROM marts.cost_months
    GROUP BY month
    HAVING NOT (bool_or(is_estimated) AND month = (SELECT max(month) FROM marts.cost_months))
),

chosen AS (
    SELECT month, (month - to_months(coalesce($months_back, 1)))::DATE AS former_month
    FROM (
        SELECT coalesce(max(month) FILTER (strftime(month, '%Y-%m') = $month), max(month)) AS month
        FROM full_months
        WHERE $month IS NULL OR $month IN (SELECT strftime(month, '%Y-%m') FROM marts.cost_months)
    )
    WHERE former_month IN (SELECT month FROM full_months)
),

listed AS (
    SELECT count(*) = 2 AS is_whole
    FROM chosen
    JOIN (
        SELECT month FROM marts.storage_days GROUP BY month HAVING max(day_count) = day(last_day(month))
    ) AS whole ON whole.month IN (chosen.month, chosen.former_month)
),

shares AS (
    SELECT
        CASE
            WHEN NOT listed.is_whole AND basis IN ('byte_days', 'object_days') THEN 'part:undivided'
            WHEN part = 'device' THEN device_id
            ELSE 'part:' || part
        END AS cost_owner,
        category,
        storage_class,
        coalesce(sum(cost_usd) FILTER (shares.month < chosen.month), 0) AS former_usd,
        coalesce(sum(cost_usd) FILTER (shares.month = chosen.month), 0) AS cost_usd,
        any_value(chosen.month) AS month
    FROM marts.cost_shares AS shares
    JOIN chosen ON shares.month IN (chosen.month, chosen.former_month)
    CROSS JOIN listed
    WHERE ($categories IS NULL OR list_contains($categories, category))
    GROUP BY ALL
)

SELECT
    shares.month,
    shares.cost_owner,
    shares.category,
    shares.storage_class AS cost_class,
    shares.former_usd,
    (shares.former_usd * former_rates.jpy_per_usd)::DECIMAL(38, 10) AS former_jpy,
    shares.cost_usd,
    (shares.cost_usd * rates.jpy_per_usd)::DECIMAL(38, 10) AS cost_jpy,
    shares.cost_usd - shares.former_usd AS difference_usd,
    (shares.cost_usd * rates.jpy_per_usd - shares.former_usd * former_rates.jpy_per_usd)::DECIMAL(38, 10) AS difference_jpy
FROM shares
LEFT JOIN marts.exchange_rates AS rates ON rates.month = shares.month
LEFT JOIN marts.exchange_rates AS former_rates ON former_rates.month = shares.month - to_months(coalesce($months_back, 1))
-- What stayed the same in dollars is another amount in yen at another rate.
WHERE shares.cost_usd <> shares.former_usd OR (rates.jpy_per_usd <> former_rates.jpy_per_usd AND shares.cost_usd <> 0)
ORDER BY abs(difference_usd) DESC, shares.cost_owner, shares.category, cost_class
