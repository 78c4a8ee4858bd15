-- purpose: What a dollar of each month's bill is in yen, with date and source; one row per month that has a rate.
-- columns: month, jpy_per_usd, kind, dated_on, source
SELECT (month || '-01')::DATE AS month, jpy_per_usd, kind, dated_on, source
FROM raw.exchange_rates
ORDER BY month
