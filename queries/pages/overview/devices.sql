-- purpose: The archive by device, largest first; one row per device. Labels and findings are of current images,
--          weekly_bytes are the uploads of the 26 weeks up to `today`, oldest first.
-- params:  today=NULL, devices=NULL
-- columns: device_id, object_count, size_bytes, cold_share, weekly_bytes, labelled_share, finding_count
WITH stored AS (
    SELECT
        device_id,
        sum(object_count) FILTER (kind = 'image') AS object_count,
        sum(size_bytes) AS size_bytes,
        coalesce(sum(size_bytes) FILTER (storage_class IN ('GLACIER_IR', 'GLACIER', 'DEEP_ARCHIVE')), 0)
            / nullif(sum(size_bytes), 0) AS cold_share
    FROM marts.storage
    WHERE ($devices IS NULL OR list_contains($devices, device_id))
    GROUP BY device_id
),

clock AS (
    SELECT coalesce($today::DATE, report_at::DATE) AS today FROM meta.snapshot
),

by_week AS (
    SELECT u.device_id, (clock.today - u.uploaded_on) // 7 AS weeks_ago, sum(u.size_bytes) AS size_bytes
    FROM marts.uploads AS u, clock
    WHERE u.kind = 'image' AND u.uploaded_on > clock.today - 182 AND u.uploaded_on <= clock.today
    GROUP BY ALL
),

weekly AS (
    SELECT
        stored.device_id,
        list(coalesce(by_week.size_bytes, 0)::DOUBLE ORDER BY weeks.weeks_ago DESC) AS weekly_bytes
    FROM stored
    CROSS JOIN (SELECT unnest(range(26)) AS weeks_ago) AS weeks
    LEFT JOIN by_week ON by_week.device_id = stored.device_id AND by_week.weeks_ago = weeks.weeks_ago
    GROUP BY stored.device_id
),

labels AS (
    SELECT device_id, sum(labelled_count) / nullif(sum(image_count), 0) AS labelled_share
    FROM marts.label_coverage
    GROUP BY device_id
),

findings AS (
    SELECT device_id, count(*) AS finding_count
    FROM alerts.findings
    GROUP BY device_id
)

SELECT
    stored.device_id,
    coalesce(stored.object_count, 0)::BIGINT AS object_count,
    stored.size_bytes::BIGINT AS size_bytes,
    stored.cold_share,
    weekly.weekly_bytes,
    labels.labelled_share,
    coalesce(findings.finding_count, 0) AS finding_count
FROM stored
JOIN weekly ON weekly.device_id = stored.device_id
LEFT JOIN labels ON labels.device_id = stored.device_id
LEFT JOIN findings ON findings.device_id = stored.device_id
ORDER BY stored.size_bytes DESC, stored.device_id
