-- purpose: Labels whose object is no current image; one row per object, with what became of it.
-- title:    Label without an image
-- severity: medium
-- remedy:   Correct the name in the label file, bring the image back from its older version, or remove the label.
-- columns:  subject, device_id, size_bytes, occurred_at, reason, stored
SELECT
    key AS subject,
    any_value(device_id) AS device_id,
    NULL::BIGINT AS size_bytes,
    max(labelled_at) AS occurred_at,
    any_value(reason) AS reason,
    of_unknown_class() AS stored
FROM facts.label_strays
WHERE NOT is_stale
GROUP BY source_bucket, key
ORDER BY occurred_at DESC, subject
