-- purpose: The exchange rate of every month with a bill, newest first; one row per month, without a rate where none is
--   known.
-- columns: month, jpy_per_usd, rate_kind, dated_on, source
SELECT bills.month, rates.jpy_per_usd, coalesce(rates.kind, 'missing') AS rate_kind, rates.dated_on, rates.source
FROM (SELECT DISTINCT month FROM marts.cost_months) AS bills
LEFT JOIN marts.exchange_rates AS rates USING (month)
ORDER BY bills.month DESC
