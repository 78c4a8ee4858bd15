-- purpose: Older versions, without those that are images another image took the name of; one row per bucket, device,
--   class, tier and standing.
-- place:   4
-- title:   Delete older versions
-- action:  expire_versions
-- deed:    A rule of the bucket deletes versions some days after they were replaced or deleted, and can keep the
--   newest few; free of charge (lifecycle rule NoncurrentVersionExpiration with NoncurrentDays and
--   NewerNoncurrentVersions).
-- risk:    What was overwritten or deleted by mistake cannot be brought back. Images that another image took the name
--   of are not counted here: copy them to a name of their own before the rule runs.
-- basis:   Versions that are not the latest in the newest list of S3 (inventory report).
-- columns: source_bucket, device_id, storage_class, access_tier, to_class, to_tier, standing, object_count, size_bytes,
--   billed_bytes, byte_days, days_left
WITH listed AS (
    SELECT
        source_bucket,
        device_id,
        storage_class,
        access_tier,
        prefix,
        object_count,
        size_bytes,
        billed_bytes(storage_class, object_count, size_bytes) AS billed_bytes,
        minimum_days_left(storage_class, last_uploaded_at) AS days_left
    FROM facts.cells
    WHERE cut = 'day' AND kind = 'noncurrent_version'
    UNION ALL
    SELECT
        source_bucket,
        device_id,
        storage_class,
        access_tier,
        loose_prefix(key),
        -1,
        -size_bytes,
        -billed_bytes(storage_class, 1, size_bytes),
        minimum_days_left(storage_class, uploaded_at)
    FROM facts.overwritten
)

SELECT
    source_bucket,
    device_id,
    storage_class,
    access_tier,
    '' AS to_class,
    '' AS to_tier,
    CASE
        WHEN EXISTS (
            SELECT 1 FROM marts.lifecycle_rules AS rules
            WHERE rules.action = 'noncurrent_expiration' AND rules.note = 'not_current'
              AND rules.size_over_bytes IS NULL AND rules.size_under_bytes IS NULL
              AND rules.source_bucket = listed.source_bucket AND starts_with(listed.prefix || '/', rules.prefix)
        ) THEN 'in_hand'
        ELSE 'open'
    END AS standing,
    sum(object_count)::BIGINT AS object_count,
    sum(size_bytes)::BIGINT AS size_bytes,
    sum(billed_bytes)::BIGINT AS billed_bytes,
    sum(billed_bytes::DECIMAL(38, 0) * days_left)::DECIMAL(38, 0) AS byte_days,
    max(days_left) AS days_left
FROM listed
GROUP BY ALL
HAVING sum(object_count) > 0
