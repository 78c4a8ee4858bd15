-- purpose: The archive's temperature in key figures; exactly one row. Cold means the three Glacier classes. "Before" is
--   30 days before the newest report. What moves and what goes are due within 30 days.
-- params:  devices=NULL, storage_classes=NULL, kinds=NULL
-- columns: size_bytes, size_bytes_before, cold_share, cold_share_before, old_hot_bytes, moving_bytes, moving_count,
--   deleted_bytes, deleted_count, noncurrent_bytes, noncurrent_share
WITH stored AS (
    SELECT
        reported_on,
        sum(size_bytes) AS size_bytes,
        coalesce(sum(size_bytes) FILTER (storage_class IN ('GLACIER_IR', 'GLACIER', 'DEEP_ARCHIVE')), 0)
            / nullif(sum(size_bytes), 0) AS cold_share
    FROM marts.trend
    WHERE ($devices IS NULL OR list_contains($devices, device_id))
      AND ($storage_classes IS NULL OR list_contains($storage_classes, storage_class))
      AND ($kinds IS NULL OR list_contains($kinds, kind))
    GROUP BY reported_on
),

before AS (
    SELECT max(reported_on) AS reported_on
    FROM stored
    WHERE reported_on <= (SELECT max(reported_on) FROM marts.trend) - INTERVAL 30 DAY
),

present AS (
    SELECT
        coalesce(sum(size_bytes), 0)::BIGINT AS size_bytes,
        coalesce(sum(size_bytes) FILTER (storage_class IN ('GLACIER_IR', 'GLACIER', 'DEEP_ARCHIVE')), 0)
            / nullif(sum(size_bytes), 0) AS cold_share,
        coalesce(sum(size_bytes) FILTER (kind = 'noncurrent_version'), 0)::BIGINT AS noncurrent_bytes,
        coalesce(sum(size_bytes) FILTER (kind = 'noncurrent_version'), 0) / nullif(sum(size_bytes), 0)
            AS noncurrent_share
    FROM marts.storage
    WHERE ($devices IS NULL OR list_contains($devices, device_id))
      AND ($storage_classes IS NULL OR list_contains($storage_classes, storage_class))
      AND ($kinds IS NULL OR list_contains($kinds, kind))
),

old AS (
    SELECT coalesce(sum(size_bytes), 0)::BIGINT AS size_bytes
    FROM marts.tier_ages
    WHERE storage_class = 'STANDARD'
      AND age_band IN ('from_90_days', 'from_180_days', 'from_365_days')
      AND ($devices IS NULL OR list_contains($devices, device_id))
      AND ($storage_classes IS NULL OR list_contains($storage_classes, storage_class))
      AND ($kinds IS NULL OR list_contains($kinds, kind))
),

due AS (
    SELECT
        coalesce(sum(size_bytes) FILTER (to_class <> 'EXPIRED'), 0)::BIGINT AS moving_bytes,
        coalesce(sum(object_count) FILTER (to_class <> 'EXPIRED'), 0)::BIGINT AS moving_count,
        coalesce(sum(size_bytes) FILTER (to_class = 'EXPIRED'), 0)::BIGINT AS deleted_bytes,
        coalesce(sum(object_count) FILTER (to_class = 'EXPIRED'), 0)::BIGINT AS deleted_count
    FROM marts.lifecycle_moves
    WHERE due_band IN ('within_7_days', 'within_30_days')
      AND ($devices IS NULL OR list_contains($devices, device_id))
      AND ($storage_classes IS NULL OR list_contains($storage_classes, from_class))
      AND ($kinds IS NULL OR list_contains($kinds, kind))
)

SELECT
    present.size_bytes,
    (SELECT size_bytes::BIGINT FROM stored JOIN before USING (reported_on)) AS size_bytes_before,
    present.cold_share,
    (SELECT cold_share FROM stored JOIN before USING (reported_on)) AS cold_share_before,
    old.size_bytes AS old_hot_bytes,
    due.moving_bytes,
    due.moving_count,
    due.deleted_bytes,
    due.deleted_count,
    present.noncurrent_bytes,
    present.noncurrent_share
FROM present, old, due
