-- purpose: When the proposals were found, and the newest exchange rate; exactly one row.
-- columns: report_at, jpy_per_usd, rate_month, rate_source
SELECT
    snapshot.report_at,
    rates.jpy_per_usd,
    rates.month AS rate_month,
    rates.source AS rate_source
FROM meta.snapshot AS snapshot
LEFT JOIN (SELECT * FROM marts.exchange_rates ORDER BY month DESC LIMIT 1) AS rates ON true
