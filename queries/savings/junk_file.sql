-- purpose: Files that are no images; one row per bucket, device, class and tier.
-- place:   2
-- title:   Delete junk files
-- action:  delete_objects
-- deed:    Delete the listed files with all their versions; free of charge (DeleteObjects with keys and version ids:
--   without the ids a bucket that keeps versions only adds a marker).
-- risk:    A file that somebody needs in spite of its name is gone. Look through the list first.
-- basis:   Names of system and temporary files, and files without a byte, in the newest list of S3 (inventory report).
-- columns: source_bucket, device_id, storage_class, access_tier, to_class, to_tier, standing, object_count, size_bytes,
--   billed_bytes, byte_days, days_left
SELECT
    source_bucket,
    device_id,
    storage_class,
    access_tier,
    '' AS to_class,
    '' AS to_tier,
    'open' AS standing,
    sum(object_count)::BIGINT AS object_count,
    sum(size_bytes)::BIGINT AS size_bytes,
    sum(billed_bytes(storage_class, object_count, size_bytes))::BIGINT AS billed_bytes,
    sum(
        billed_bytes(storage_class, object_count, size_bytes)::DECIMAL(38, 0)
        * minimum_days_left(storage_class, last_uploaded_at)
    )::DECIMAL(38, 0) AS byte_days,
    max(minimum_days_left(storage_class, last_uploaded_at)) AS days_left
FROM facts.cells
WHERE cut = 'day' AND kind = 'junk'
GROUP BY ALL
