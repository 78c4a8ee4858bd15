-- purpose: Class balance: current images by the value of each label; one row per device, class, label name and value. A value of
--   NULL stands for all values of a label that has too many to list.
-- columns: device_id, storage_class, name, value, is_required, is_allowed, image_count, size_bytes
WITH many AS (
    SELECT DISTINCT entry.key AS name
    FROM (SELECT unnest(map_entries(class_tags)) AS entry FROM facts.label_verdicts)
    WHERE entry.value IS NULL
),

single AS (
    SELECT verdicts.device_id, matches.storage_class, unnest(map_entries(verdicts.class_tags)) AS entry,
        matches.label_count AS image_count, matches.size_bytes
    FROM facts.label_matches AS matches
    JOIN facts.label_verdicts AS verdicts USING (source_no, cell)
    WHERE matches.state = 'current' AND NOT matches.is_shared
),

merged AS (
    SELECT device_id, storage_class, unnest(map_entries(tags)) AS entry, 1 AS image_count, size_bytes FROM facts.label_merged
),

together AS (
    SELECT device_id, storage_class, entry.key AS name, entry.value AS value, image_count, size_bytes FROM single
    UNION ALL
    SELECT device_id, storage_class, entry.key, entry.value, image_count, size_bytes FROM merged
),

classes AS (
    SELECT
        device_id,
        storage_class,
        name,
        CASE WHEN name IN (SELECT name FROM many) THEN NULL ELSE value END AS value,
        image_count,
        size_bytes
    FROM together
)

SELECT
    device_id,
    storage_class,
    name,
    value,
    list_contains(required_labels(device_id), name) AS is_required,
    is_allowed_label(name, value) AS is_allowed,
    sum(image_count)::BIGINT AS image_count,
    sum(size_bytes)::BIGINT AS size_bytes
FROM classes
GROUP BY ALL
ORDER BY device_id, name, value, storage_class
