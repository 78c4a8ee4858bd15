-- purpose: Objects that Intelligent-Tiering has not seen read for 90 days; one row per bucket, device, class and tier.
-- place:   9
-- title:   Archive what nobody reads
-- action:  archive_in_tiering
-- deed:    Let S3 archive what was not read for 90 days; free of charge, and so is bringing it back
--   (PutBucketIntelligentTieringConfiguration with ARCHIVE_ACCESS after 90 days).
-- risk:    An archived object must be brought back (restored) before it can be read.
-- basis:   What S3 says of each object in its newest list (inventory report): not read for 90 days (access tier
--   Archive Instant Access).
-- columns: source_bucket, device_id, storage_class, access_tier, to_class, to_tier, standing, object_count, size_bytes,
--   billed_bytes, byte_days, days_left
SELECT
    source_bucket,
    device_id,
    storage_class,
    access_tier,
    'INTELLIGENT_TIERING' AS to_class,
    'ARCHIVE' AS to_tier,
    'open' AS standing,
    sum(object_count)::BIGINT AS object_count,
    sum(size_bytes)::BIGINT AS size_bytes,
    sum(billed_bytes)::BIGINT AS billed_bytes,
    sum(billed_bytes::DECIMAL(38, 0) * days_left)::DECIMAL(38, 0) AS byte_days,
    max(days_left) AS days_left
FROM facts.kept_cells
WHERE NOT is_small AND storage_class = 'INTELLIGENT_TIERING' AND access_tier = 'ARCHIVE_INSTANT_ACCESS'
GROUP BY ALL
