-- purpose: Days on which a running counter passed its last number and began again; one row per unit and day.
-- title:    Counter began again
-- severity: low
-- remedy:   From here on the device's own names repeat; make sure that nothing identifies an image by its number alone.
-- columns:  subject, device_id, size_bytes, occurred_at, reason, stored
SELECT
    device_id || '/' || unit_id || '/' || taken_on AS subject,
    device_id,
    NULL::BIGINT AS size_bytes,
    last_taken_at AS occurred_at,
    'counter_wrap' AS reason,
    of_unknown_class() AS stored
FROM facts.sequences
WHERE is_wrap
ORDER BY subject
