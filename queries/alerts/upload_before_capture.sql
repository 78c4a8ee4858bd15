-- purpose: Images uploaded on an earlier day than their name says they were taken; one row per unit and day of upload.
-- title:    Uploaded before it was taken
-- severity: high
-- remedy:   Set the clock of the device, then rename the images taken since it went wrong.
-- columns:  subject, device_id, size_bytes, occurred_at, reason
SELECT
    device_id || '/' || unit_id || '/' || uploaded_on AS subject,
    device_id,
    sum(size_bytes)::BIGINT AS size_bytes,
    max(last_uploaded_at) AS occurred_at,
    sum(object_count) || ' images' AS reason
FROM facts.cells
WHERE
    cut = 'day' AND kind = 'image' AND is_name_good AND captured_day <> ''
    AND try_strptime(captured_day, '%Y%m%d')::DATE > uploaded_on
GROUP BY device_id, unit_id, uploaded_on
ORDER BY subject
