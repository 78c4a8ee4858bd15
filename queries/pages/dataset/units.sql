-- purpose: Units with images, as `device/unit`; one row per unit.
-- columns: unit
SELECT DISTINCT device_id || '/' || unit_id AS unit
FROM marts.storage
WHERE kind = 'image' AND unit_id <> ''
ORDER BY unit
