-- purpose: What Cost Explorer says the coming whole months will cost, as it was last asked; one row per month.
-- columns: month, mean_usd, low_usd, high_usd, asked_at
SELECT
    ahead.month::DATE AS month,
    ahead.mean_usd::DECIMAL(38, 10) AS mean_usd,
    ahead.low_usd::DECIMAL(38, 10) AS low_usd,
    ahead.high_usd::DECIMAL(38, 10) AS high_usd,
    asked_at::TIMESTAMP AS asked_at
FROM (SELECT asked_at, unnest(months) AS ahead FROM raw.cost_forecast)
