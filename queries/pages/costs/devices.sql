-- purpose: One month's bill by the device whose images caused it, dearest first, then by what no device caused, with unit
--   costs; one row per device or rest. A TiB-month and an image are those that the month's reports listed on average;
--   labelled images are those of now, so only the newest month has a price for one. The rows add up to `bill_usd`.
-- params:  month=NULL, categories=NULL
-- columns: cost_owner, cost_usd, cost_jpy, cost_share, tib_months, per_tib_month_usd, per_tib_month_jpy, image_count,
--   per_thousand_images_usd, per_thousand_images_jpy, per_labelled_image_usd, per_labelled_image_jpy, bill_usd
WITH chosen AS (
    SELECT max(month) FILTER ($month IS NULL OR strftime(month, '%Y-%m') = $month) AS month, max(month) AS newest
    FROM marts.cost_months
),

shares AS (
    SELECT part, device_id, sum(cost_usd) AS cost_usd
    FROM marts.cost_shares
    JOIN chosen USING (month)
    WHERE ($categories IS NULL OR list_contains($categories, category))
    GROUP BY ALL
),

kept AS (
    SELECT
        device_id,
        sum(byte_days) / 1099511627776 / day(last_day(any_value(month))) AS tib_months,
        sum(object_days) FILTER (kind = 'image') / nullif(any_value(day_count), 0) AS image_count
    FROM marts.storage_days
    JOIN chosen USING (month)
    WHERE kind IN ('image', 'companion', 'derivative')
    GROUP BY device_id
),

labelled AS (
    SELECT device_id, sum(labelled_count) AS labelled_count FROM marts.label_coverage GROUP BY device_id
)

SELECT
    CASE WHEN shares.part = 'device' THEN shares.device_id ELSE 'part:' || shares.part END AS cost_owner,
    shares.cost_usd,
    (shares.cost_usd * rates.jpy_per_usd)::DECIMAL(38, 10) AS cost_jpy,
    shares.cost_usd / nullif(sum(shares.cost_usd) OVER (), 0) AS cost_share,
    kept.tib_months,
    (shares.cost_usd / nullif(kept.tib_months, 0))::DECIMAL(38, 10) AS per_tib_month_usd,
    (cost_jpy / nullif(kept.tib_months, 0))::DECIMAL(38, 10) AS per_tib_month_jpy,
    round(kept.image_count)::BIGINT AS image_count,
    (shares.cost_usd * 1000 / nullif(kept.image_count, 0))::DECIMAL(38, 10) AS per_thousand_images_usd,
    (cost_jpy * 1000 / nullif(kept.image_count, 0))::DECIMAL(38, 10) AS per_thousand_images_jpy,
    CASE
        WHEN chosen.month = chosen.newest THEN shares.cost_usd / nullif(labelled.labelled_count, 0)
    END::DECIMAL(38, 10) AS per_labelled_image_usd,
    (per_labelled_image_usd * rates.jpy_per_usd)::DECIMAL(38, 10) AS per_labelled_image_jpy,
    sum(shares.cost_usd) OVER () AS bill_usd
FROM shares
CROSS JOIN chosen
LEFT JOIN kept ON shares.part = 'device' AND kept.device_id = shares.device_id
LEFT JOIN labelled ON shares.part = 'device' AND labelled.device_id = shares.device_id
LEFT JOIN marts.exchange_rates AS rates ON rates.month = chosen.month
ORDER BY shares.part <> 'device', shares.cost_usd DESC, cost_owner
