-- purpose: What images with each label value cost in the newest month, dearest first, then the device's other images and
--   the rest of the bill; one row per label name, value and part. Labels are those of now, so other months have no rows.
--   The rows of a name add up to `bill_usd`. A value of NULL stands for all values of a label that has too many.
-- params:  month=NULL, categories=NULL
-- columns: name, label_value, label_part, cost_usd, cost_jpy, cost_share, image_count, per_thousand_images_usd,
--   per_thousand_images_jpy, bill_usd
WITH parts AS (
    SELECT name, value, part, sum(cost_usd) AS cost_usd, any_value(jpy_per_usd) AS jpy_per_usd
    FROM marts.cost_labels
    LEFT JOIN marts.exchange_rates USING (month)
    WHERE ($month IS NULL OR strftime(month, '%Y-%m') = $month)
      AND ($categories IS NULL OR list_contains($categories, category))
    GROUP BY name, value, part
),

counted AS (
    SELECT name, value, 'labelled' AS part, bool_or(is_required) AS is_required, sum(image_count)::BIGINT AS image_count
    FROM marts.label_values
    GROUP BY name, value
)

SELECT
    parts.name,
    parts.value AS label_value,
    parts.part AS label_part,
    parts.cost_usd,
    (parts.cost_usd * parts.jpy_per_usd)::DECIMAL(38, 10) AS cost_jpy,
    parts.cost_usd / nullif(sum(parts.cost_usd) OVER of_label, 0) AS cost_share,
    counted.image_count,
    (parts.cost_usd * 1000 / nullif(counted.image_count, 0))::DECIMAL(38, 10) AS per_thousand_images_usd,
    (cost_jpy * 1000 / nullif(counted.image_count, 0))::DECIMAL(38, 10) AS per_thousand_images_jpy,
    sum(parts.cost_usd) OVER of_label AS bill_usd
FROM parts
LEFT JOIN counted
    ON counted.name = parts.name AND counted.value IS NOT DISTINCT FROM parts.value AND counted.part = parts.part
WINDOW of_label AS (PARTITION BY parts.name)
ORDER BY
    max(counted.is_required) OVER (PARTITION BY parts.name) DESC NULLS LAST,
    parts.name,
    array_position(['labelled', 'without', 'not_images'], parts.part),
    parts.cost_usd DESC,
    parts.value
