-- purpose: Everything that is billed as stored, unfinished uploads included, by what its price follows from; one row per
--   class and tier. `billed_bytes` are without the overhead of archived objects.
-- columns: storage_class, access_tier, object_count, size_bytes, billed_bytes
WITH listed AS (
    SELECT storage_class, access_tier, object_count, size_bytes,
        billed_bytes(storage_class, object_count, size_bytes) AS billed_bytes
    FROM facts.cells
    WHERE cut = 'day' AND kind <> 'delete_marker'
    UNION ALL
    -- Until an upload to an archive class is completed, its parts are billed as Standard; none have a smallest size.
    SELECT CASE WHEN storage_class IN ('GLACIER', 'DEEP_ARCHIVE') THEN 'STANDARD' ELSE storage_class END,
        CASE WHEN storage_class = 'INTELLIGENT_TIERING' THEN 'FREQUENT' ELSE '' END, 0, size_bytes, size_bytes
    FROM staging.unfinished_uploads
)

SELECT storage_class, access_tier, sum(object_count)::BIGINT AS object_count, sum(size_bytes)::BIGINT AS size_bytes,
    sum(billed_bytes)::BIGINT AS billed_bytes
FROM listed
GROUP BY ALL
ORDER BY storage_class, access_tier
