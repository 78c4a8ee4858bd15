-- purpose: Days on which a unit used a number twice; one row per unit and day.
-- title:    Number used twice
-- severity: medium
-- remedy:   Look whether two devices share a unit name, or a counter was set back; then rename the later images.
-- columns:  subject, device_id, size_bytes, occurred_at, reason, stored
SELECT
    device_id || '/' || unit_id || '/' || taken_on AS subject,
    device_id,
    NULL::BIGINT AS size_bytes,
    last_taken_at AS occurred_at,
    repeated_count || ' numbers' AS reason,
    of_unknown_class() AS stored
FROM facts.sequences
WHERE repeated_count > 0
ORDER BY subject
