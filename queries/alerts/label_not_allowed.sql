-- purpose: Current images with a label value that is not on the list of allowed ones; one row per image, with the names of
--   the labels. Up to 100,000 images of each source.
-- title:    Label value not allowed
-- severity: medium
-- remedy:   Correct the value in the source that gives it, or add it to the allowed values in the settings.
-- columns:  subject, device_id, size_bytes, occurred_at, reason, stored
WITH entries AS (
    SELECT source_bucket, key, device_id, size_bytes, storage_class, labelled_at, unnest(map_keys(tags)) AS name,
        unnest(map_values(tags)) AS value
    FROM facts.label_rows
    WHERE state = 'current'
)

SELECT
    key AS subject,
    any_value(device_id) AS device_id,
    nullif(any_value(size_bytes), 0) AS size_bytes,
    max(labelled_at) AS occurred_at,
    string_agg(DISTINCT name, ', ' ORDER BY name) AS reason,
    CASE
        -- The access tier of labelled images is not looked up.
        WHEN any_value(storage_class) <> 'INTELLIGENT_TIERING'
            THEN stored_object(any_value(storage_class), '', nullif(any_value(size_bytes), 0))
    END AS stored
FROM entries
WHERE NOT is_allowed_label(name, value)
GROUP BY source_bucket, key
ORDER BY occurred_at DESC, subject
