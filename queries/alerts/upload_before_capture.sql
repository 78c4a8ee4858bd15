-- purpose: Images uploaded on an earlier day than their name says they were taken; one row per unit and day of upload.
-- title:    Uploaded before it was taken
-- severity: high
-- remedy:   Set the clock of the device, then rename the images taken since it went wrong.
-- columns:  subject, device_id, size_bytes, occurred_at, reason, stored
WITH by_class AS (
    SELECT
        device_id,
        unit_id,
        uploaded_on,
        storage_class,
        access_tier,
        sum(object_count) AS object_count,
        sum(size_bytes) AS size_bytes,
        sum(billed_bytes(storage_class, object_count, size_bytes)) AS billed_bytes,
        max(last_uploaded_at) AS last_uploaded_at
    FROM facts.cells
    WHERE
        cut = 'day' AND kind = 'image' AND is_name_good AND captured_day <> ''
        AND try_strptime(captured_day, '%Y%m%d')::DATE > uploaded_on
    GROUP BY ALL
)

SELECT
    device_id || '/' || unit_id || '/' || uploaded_on AS subject,
    device_id,
    nullif(sum(size_bytes)::BIGINT, 0) AS size_bytes,
    max(last_uploaded_at) AS occurred_at,
    sum(object_count)::BIGINT || ' images' AS reason,
    list(
        stored_in(
            storage_class, access_tier, object_count, billed_bytes,
            billed_bytes * minimum_days_left(storage_class, uploaded_on)
        )
        ORDER BY storage_class, access_tier
    ) AS stored
FROM by_class
GROUP BY device_id, unit_id, uploaded_on
ORDER BY subject
