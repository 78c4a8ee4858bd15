-- purpose: Labels that were given to an older version or content of an image; one row per image.
-- title:    Label of an older image
-- severity: medium
-- remedy:   Look at the new image and label it again; the old label does not count for it.
-- columns:  subject, device_id, size_bytes, occurred_at, reason, stored
SELECT
    key AS subject,
    any_value(device_id) AS device_id,
    nullif(any_value(size_bytes), 0) AS size_bytes,
    max(labelled_at) AS occurred_at,
    min(reason) AS reason,
    of_unknown_class() AS stored -- the class of labelled images is not looked up
FROM facts.label_strays
WHERE is_stale
GROUP BY source_bucket, key
ORDER BY occurred_at DESC, subject
