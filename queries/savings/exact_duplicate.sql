-- purpose: Copies of a content that is stored twice for certain, without the one to keep; one row per bucket, device,
--   class, tier and standing.
-- place:   5
-- title:   Delete exact copies
-- action:  delete_objects
-- deed:    Delete the copies that "Duplicates" lists, without the one to keep; free of charge (DeleteObjects with keys
--   and version ids).
-- risk:    Labels and datasets that name the deleted copy lose it. A copy in another bucket may be a backup and is not
--   counted.
-- basis:   The same content for certain: one checksum and one size (ETag; uploaded in one part, without a KMS or
--   customer key).
-- columns: source_bucket, device_id, storage_class, access_tier, to_class, to_tier, standing, object_count, size_bytes,
--   billed_bytes, byte_days, days_left
SELECT
    source_bucket,
    device_id,
    storage_class,
    access_tier,
    '' AS to_class,
    '' AS to_tier,
    -- What lies in another bucket may be there to be safe.
    CASE WHEN duplicate_case = 'other_bucket' THEN 'no_evidence' ELSE 'open' END AS standing,
    count(*) AS object_count,
    sum(size_bytes)::BIGINT AS size_bytes,
    sum(billed_bytes)::BIGINT AS billed_bytes,
    sum(billed_bytes::DECIMAL(38, 0) * minimum_days_left)::DECIMAL(38, 0) AS byte_days,
    max(minimum_days_left) AS days_left
FROM facts.spare_copies
GROUP BY ALL
