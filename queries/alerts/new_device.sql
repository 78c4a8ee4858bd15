-- purpose: Top folders, and units of a known device, that appeared for the first time lately in an archive that is
--   older; one row per folder or unit. The units of a new folder are not named again.
-- title:    New device
-- severity: low
-- remedy:   If the device is meant to be there, add it to the settings with good and bad names; else find out who uploads.
-- columns:  subject, device_id, size_bytes, occurred_at, reason, stored
WITH clock AS (
    SELECT max(reports.report_at) - to_days(max(thresholds.new_within_days)) AS new_from
    FROM staging.reports AS reports
    CROSS JOIN raw.thresholds AS thresholds
    WHERE reports.is_current
),

cells AS (
    SELECT
        split_part(prefix, '/', 1) AS folder,
        device_id,
        unit_id,
        storage_class,
        access_tier,
        kind = 'image' AND unit_id <> '' AND device_id <> 'unattributed' AS is_of_unit,
        sum(object_count) AS object_count,
        sum(size_bytes) AS size_bytes,
        sum(billed_bytes(storage_class, object_count, size_bytes)) AS billed_bytes,
        min(first_uploaded_at) AS first_uploaded_at
    FROM facts.cells
    WHERE cut = 'day' AND kind <> 'delete_marker'
    GROUP BY ALL
),

folders AS (
    SELECT
        folder || '/' AS subject,
        folder,
        any_value(device_id) AS device_id,
        sum(size_bytes)::BIGINT AS size_bytes,
        min(first_uploaded_at) AS first_uploaded_at,
        'new folder' AS reason,
        list(
            stored_in(storage_class, access_tier, object_count, billed_bytes, 0)
            ORDER BY storage_class, access_tier, billed_bytes
        ) AS stored
    FROM cells
    WHERE folder <> ''
    GROUP BY folder
),

units AS (
    SELECT
        device_id || '/' || unit_id AS subject,
        min(folder) AS folder,
        device_id,
        sum(size_bytes)::BIGINT AS size_bytes,
        min(first_uploaded_at) AS first_uploaded_at,
        'new unit' AS reason,
        list(
            stored_in(storage_class, access_tier, object_count, billed_bytes, 0)
            ORDER BY storage_class, access_tier, billed_bytes
        ) AS stored
    FROM cells
    WHERE is_of_unit
    GROUP BY device_id, unit_id
),

new_folders AS (
    SELECT folders.* FROM folders CROSS JOIN clock WHERE folders.first_uploaded_at >= clock.new_from
),

new_units AS (
    SELECT units.*
    FROM units
    CROSS JOIN clock
    WHERE units.first_uploaded_at >= clock.new_from AND units.folder NOT IN (SELECT folder FROM new_folders)
)

SELECT
    found.subject,
    found.device_id,
    nullif(found.size_bytes, 0) AS size_bytes,
    found.first_uploaded_at AS occurred_at,
    found.reason,
    found.stored
FROM (SELECT * FROM new_folders UNION ALL SELECT * FROM new_units) AS found
WHERE EXISTS (SELECT 1 FROM folders CROSS JOIN clock WHERE folders.first_uploaded_at < clock.new_from)
ORDER BY found.subject
