-- purpose: Delete markers; one row per bucket, device and standing. S3 bills no more for one than the bytes of its
--   name.
-- place:   3
-- title:   Clear away marks of deleted files
-- action:  expire_markers
-- deed:    A rule of the bucket clears each mark away when no older version is left, by itself and free of charge
--   (lifecycle rule with ExpiredObjectDeleteMarker = true).
-- risk:    Removing a mark by hand while older versions are left brings the deleted file back. The rule does not.
-- basis:   Marks of deleted files (delete markers) in the newest list of S3 (inventory report). They make listings
--   long and cost next to nothing.
-- columns: source_bucket, device_id, storage_class, access_tier, to_class, to_tier, standing, object_count, size_bytes,
--   billed_bytes, byte_days, days_left
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
            WHERE rules.action = 'expire_marker' AND rules.status = 'Enabled'
              AND rules.source_bucket = cells.source_bucket AND starts_with(cells.prefix || '/', rules.prefix)
        ) THEN 'in_hand'
        ELSE 'open'
    END AS standing,
    sum(object_count)::BIGINT AS object_count,
    0::BIGINT AS size_bytes,
    0::BIGINT AS billed_bytes,
    0::DECIMAL(38, 0) AS byte_days,
    0 AS days_left
FROM facts.cells AS cells
WHERE cut = 'day' AND kind = 'delete_marker'
GROUP BY ALL
