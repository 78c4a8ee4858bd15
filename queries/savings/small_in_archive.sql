-- purpose: Small objects in an archive class, each billed for 40 KiB beside its bytes; one row per bucket, device,
--   class and tier.
-- place:   7
-- title:   Move small files out of the archive
-- action:  restore_and_copy
-- deed:    Bring the objects back (RestoreObject, Bulk, 1 day). While their copies can be read, copy each onto itself into
--   standard storage (CopyObject with StorageClass = STANDARD). In a bucket that keeps versions delete the old version
--   too. Then let rules leave small objects out (ObjectSizeGreaterThan).
-- risk:    The copy has a new date of upload. Until the old version is deleted both are billed. Restoring and copying
--   often cost more than years of the difference: look at the break-even.
-- basis:   Objects under 128 KiB in the newest list of S3 (inventory report), as a whole per bucket, device and class,
--   where standard storage is cheaper than what the archive bills for each beside its bytes (32 KiB there and 8 KiB
--   in Standard).
-- columns: source_bucket, device_id, storage_class, access_tier, to_class, to_tier, standing, object_count, size_bytes,
--   billed_bytes, byte_days, days_left
SELECT
    source_bucket,
    device_id,
    storage_class,
    access_tier,
    'STANDARD' AS to_class,
    '' AS to_tier,
    'open' AS standing,
    sum(object_count)::BIGINT AS object_count,
    sum(size_bytes)::BIGINT AS size_bytes,
    sum(billed_bytes)::BIGINT AS billed_bytes,
    sum(billed_bytes::DECIMAL(38, 0) * days_left)::DECIMAL(38, 0) AS byte_days,
    max(days_left) AS days_left
FROM facts.kept_cells
WHERE is_small AND storage_class IN ('GLACIER', 'DEEP_ARCHIVE')
GROUP BY ALL
