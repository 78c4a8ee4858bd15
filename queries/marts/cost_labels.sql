-- purpose: What images with a label cost in the newest month: each device's shares of the bill, shared on by the images
--   that carry the label now, by their bytes, or by their number where the share follows objects; one row per label name,
--   value, part, device, class and kind of cost. `part` is 'labelled', 'without' for the device's other images, or
--   'not_images' for the rest of the bill. A value of NULL stands for all values of a label that has too many. Empty
--   without labels; the rows of one name add up to the bill.
-- columns: month, name, value, part, device_id, storage_class, category, cost_usd
WITH costs AS (
    SELECT
        month,
        CASE WHEN part = 'device' THEN device_id ELSE '' END AS device_id,
        part = 'device' AS is_device,
        category,
        storage_class,
        basis IN ('object_days', 'uploads') AS is_by_number,
        -- Of uploads and transfer no class is known by the images that caused them.
        CASE WHEN basis = 'uploads' OR category = 'transfer' THEN '' ELSE storage_class END AS cause_class,
        sum(cost_usd) AS cost_usd
    FROM marts.cost_shares
    WHERE month = (SELECT max(month) FROM marts.cost_months)
    GROUP BY ALL
),

stored AS (
    SELECT device_id, storage_class, sum(object_count) AS object_count, sum(size_bytes) AS size_bytes
    FROM marts.storage
    WHERE kind IN ('image', 'companion', 'derivative')
    GROUP BY ALL
),

held AS (
    SELECT device_id, storage_class AS cause_class, object_count, size_bytes FROM stored
    UNION ALL
    SELECT device_id, '', sum(object_count), sum(size_bytes) FROM stored GROUP BY device_id
),

carried AS (
    SELECT device_id, storage_class AS cause_class, name, value, image_count, size_bytes FROM marts.label_values
    UNION ALL
    SELECT device_id, '', name, value, sum(image_count), sum(size_bytes) FROM marts.label_values GROUP BY ALL
),

shared AS (
    SELECT
        costs.*,
        carried.name,
        carried.value,
        (
            costs.cost_usd * CASE
                WHEN costs.is_by_number THEN carried.image_count / nullif(held.object_count, 0)
                ELSE carried.size_bytes / nullif(held.size_bytes, 0)
            END::DECIMAL(18, 15)
        )::DECIMAL(38, 10) AS shared_usd
    FROM costs
    JOIN carried USING (device_id, cause_class)
    JOIN held USING (device_id, cause_class)
    WHERE costs.is_device
),

given AS (
    SELECT name, device_id, is_device, category, storage_class, is_by_number, cause_class, sum(shared_usd) AS shared_usd
    FROM shared
    GROUP BY ALL
),

rest AS (
    SELECT names.name, costs.* REPLACE (costs.cost_usd - coalesce(given.shared_usd, 0) AS cost_usd)
    FROM costs
    CROSS JOIN (SELECT DISTINCT name FROM marts.label_values) AS names
    LEFT JOIN given
        ON
            given.name = names.name
            AND given.device_id = costs.device_id
            AND given.is_device = costs.is_device
            AND given.category = costs.category
            AND given.storage_class = costs.storage_class
            AND given.is_by_number = costs.is_by_number
            AND given.cause_class = costs.cause_class
)

SELECT month, name, value, 'labelled' AS part, device_id, storage_class, category, sum(shared_usd) AS cost_usd
FROM shared
GROUP BY ALL
UNION ALL
SELECT month, name, NULL AS value, CASE WHEN is_device THEN 'without' ELSE 'not_images' END AS part, device_id,
    storage_class, category, sum(cost_usd) AS cost_usd
FROM rest
GROUP BY ALL
HAVING sum(cost_usd) <> 0
ORDER BY name, part, value, device_id, storage_class, category
