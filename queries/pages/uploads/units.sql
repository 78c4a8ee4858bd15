-- purpose: When each unit last uploaded, the longest silent first; one row per unit, '' for images of no known unit.
--   A unit is silent after as many days as its device's settings allow, and also if it never uploaded.
-- params:  devices=NULL
-- columns: unit, device_id, unit_id, unit_status, silent_days, silent_after_days, last_uploaded_at, image_count_30_days,
--   image_count, size_bytes
SELECT
    device_id || '/' || unit_id AS unit,
    device_id,
    unit_id,
    CASE
        WHEN is_silent AND last_uploaded_at IS NULL THEN 'never'
        WHEN is_silent THEN 'silent'
        WHEN silent_after_days IS NULL THEN 'not_watched'
        WHEN silent_days >= silent_after_days OR last_uploaded_at IS NULL THEN 'out_of_use'
        ELSE 'active'
    END AS unit_status,
    silent_days,
    silent_after_days,
    last_uploaded_at,
    image_count_30_days,
    image_count,
    size_bytes
FROM marts.units
WHERE ($devices IS NULL OR list_contains($devices, device_id))
ORDER BY is_silent DESC, silent_after_days IS NULL, silent_days DESC NULLS FIRST, device_id, unit_id
