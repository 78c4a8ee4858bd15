-- purpose: Objects in Reduced Redundancy; one row per bucket, device, class and tier.
-- place:   8
-- title:   Leave dearer, less safe storage
-- action:  copy_to_class
-- deed:    Copy each object onto itself into standard storage (CopyObject with StorageClass = STANDARD). In a bucket
--   that keeps versions delete the old version too.
-- risk:    The copy has a new date of upload. Until the old version is deleted both are billed.
-- basis:   The class (Reduced Redundancy) in the newest list of S3 (inventory report). Standard storage keeps objects
--   more safely.
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
WHERE storage_class = 'REDUCED_REDUNDANCY'
GROUP BY ALL
