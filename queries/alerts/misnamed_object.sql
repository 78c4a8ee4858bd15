-- purpose: Images whose name breaks the naming grammar; one row per image.
-- title:    Misnamed image
-- severity: medium
-- remedy:   Rename the image to the proposed pattern, or correct the device's naming on the device itself.
-- columns:  subject, device_id, size_bytes, occurred_at, reason
SELECT key AS subject, device_id, size_bytes, uploaded_at AS occurred_at, reason
FROM facts.misnamed
ORDER BY occurred_at DESC
