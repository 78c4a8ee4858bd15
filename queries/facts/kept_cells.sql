-- purpose: Current objects without junk and without the copies that could go, by what their price follows from; one row per
--   bucket, device, kind, class, tier, folder, size and day of upload.
-- kept:    no
-- columns: source_bucket, device_id, kind, storage_class, access_tier, prefix, is_small, uploaded_on, object_count,
--   size_bytes, billed_bytes, days_left
--
-- Savings that move objects are looked for in what those that delete objects leave, so that none is promised twice.
WITH listed AS (
    SELECT
        source_bucket, device_id, kind, storage_class, access_tier, prefix, is_small, uploaded_on, object_count, size_bytes,
        last_uploaded_at AS uploaded_at
    FROM facts.cells
    WHERE cut = 'day' AND kind NOT IN ('noncurrent_version', 'delete_marker', 'junk')
    UNION ALL
    SELECT
        source_bucket, device_id, kind, storage_class, access_tier, loose_prefix(key), size_bytes < 131072,
        to_local(uploaded_at)::DATE, -1, -size_bytes, NULL
    FROM facts.spare_copies
    WHERE duplicate_case = 'same_bucket'
),

summed AS (
    SELECT
        source_bucket,
        device_id,
        kind,
        storage_class,
        access_tier,
        prefix,
        is_small,
        uploaded_on,
        sum(object_count)::BIGINT AS object_count,
        sum(size_bytes)::BIGINT AS size_bytes,
        max(uploaded_at) AS uploaded_at
    FROM listed
    GROUP BY ALL
    HAVING sum(object_count) > 0
)

SELECT
    source_bucket,
    device_id,
    kind,
    storage_class,
    access_tier,
    prefix,
    is_small,
    uploaded_on,
    object_count,
    size_bytes,
    billed_bytes(storage_class, object_count, size_bytes) AS billed_bytes,
    minimum_days_left(storage_class, uploaded_at) AS days_left
FROM summed
