-- purpose: Images of which two label sources say different things; one row per image, with the labels' names.
-- title:    Label sources disagree
-- severity: high
-- remedy:   Decide which value is right and mend the other source; until then the source that stands first in the settings counts.
-- columns:  subject, device_id, size_bytes, occurred_at, reason, stored
SELECT
    key AS subject,
    any_value(device_id) AS device_id,
    nullif(any_value(size_bytes), 0) AS size_bytes,
    max(labelled_at) AS occurred_at,
    string_agg(name, ', ' ORDER BY name) AS reason,
    CASE
        -- The access tier of labelled images is not looked up.
        WHEN any_value(storage_class) <> 'INTELLIGENT_TIERING'
            THEN stored_object(any_value(storage_class), '', nullif(any_value(size_bytes), 0))
    END AS stored
FROM marts.label_conflicts
GROUP BY source_bucket, key
ORDER BY occurred_at DESC, subject
