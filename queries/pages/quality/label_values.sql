-- purpose: Class balance: current images by label, value and device, the most frequent value first; one row each. A value
--   of NULL stands for all values of a label that has too many to list. Shares are of the images of the device that
--   carry the label.
-- params:  devices=NULL, name=NULL
-- columns: name, label_value, device_id, is_required, is_allowed, image_count, image_share, size_bytes
WITH counted AS (
    SELECT
        name,
        value,
        device_id,
        bool_or(is_required) AS is_required,
        bool_and(is_allowed) AS is_allowed,
        sum(image_count)::BIGINT AS image_count,
        sum(size_bytes)::BIGINT AS size_bytes
    FROM marts.label_values
    WHERE ($devices IS NULL OR list_contains($devices, device_id))
      AND ($name IS NULL OR name = $name)
    GROUP BY name, value, device_id
)

SELECT
    name,
    value AS label_value,
    device_id,
    is_required,
    is_allowed,
    image_count,
    image_count / nullif(sum(image_count) OVER (PARTITION BY name, device_id), 0) AS image_share,
    size_bytes
FROM counted
ORDER BY is_required DESC, name, image_count DESC, label_value, device_id
