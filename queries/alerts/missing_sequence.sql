-- purpose: Days on which a unit's counter skipped numbers; one row per unit and day.
-- title:    Numbers missing
-- severity: medium
-- remedy:   Look on the device for the images of these numbers; they may have been deleted or never uploaded.
-- columns:  subject, device_id, size_bytes, occurred_at, reason, stored
SELECT
    device_id || '/' || unit_id || '/' || taken_on AS subject,
    device_id,
    NULL::BIGINT AS size_bytes,
    last_taken_at AS occurred_at,
    missing_count || ' numbers' AS reason,
    of_unknown_class() AS stored
FROM facts.sequences
WHERE missing_count > 0
ORDER BY subject
