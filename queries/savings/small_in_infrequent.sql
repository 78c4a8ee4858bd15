-- purpose: Small objects in a class that bills 128 KiB for each; one row per bucket, device, class and tier.
-- place:   6
-- title:   Keep small files in standard storage
-- action:  copy_to_class
-- deed:    Copy each object onto itself into standard storage (CopyObject with StorageClass = STANDARD); a rule cannot
--   move objects up. In a bucket that keeps versions delete the old version too. Then let rules leave small objects
--   out (ObjectSizeGreaterThan).
-- risk:    The copy has a new date of upload. Until the old version is deleted both are billed.
-- basis:   Objects under 128 KiB in the newest list of S3 (inventory report), as a whole per bucket, device and class,
--   where standard storage is cheaper than the 128 KiB that the class bills for each.
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
WHERE is_small AND storage_class IN ('STANDARD_IA', 'ONEZONE_IA', 'GLACIER_IR')
GROUP BY ALL
