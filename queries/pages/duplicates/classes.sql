-- purpose: Exact copies that could go, by class and tier, hot to cold, with what their price follows from; one row per
--   class and tier. `byte_days` sums billed bytes times the days left of the class's minimum, counted from upload.
-- params:  devices=NULL
-- columns: storage_class, access_tier, object_count, size_bytes, billed_bytes, early_count, days_left, byte_days
SELECT
    storage_class,
    access_tier,
    count(*) AS object_count,
    sum(size_bytes)::BIGINT AS size_bytes,
    sum(billed_bytes)::BIGINT AS billed_bytes,
    count(*) FILTER (minimum_days_left > 0) AS early_count,
    max(minimum_days_left) AS days_left,
    sum(billed_bytes * minimum_days_left)::DECIMAL(38, 0) AS byte_days
FROM facts.same_content
WHERE confidence = 'exact' AND NOT is_kept AND ($devices IS NULL OR list_contains($devices, device_id))
GROUP BY storage_class, access_tier
ORDER BY size_bytes DESC, storage_class, access_tier
