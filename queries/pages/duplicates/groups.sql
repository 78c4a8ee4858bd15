-- purpose: Contents stored more than once, the most bytes to gain first; one row per content, with the copy to keep and
--   why. A content with any certain copies is 'exact'; what is suspect beside them is counted apart.
-- params:  devices=NULL, confidence='exact', row_limit=50, row_offset=0
-- columns: content_id, key, source_bucket, keep_reason, storage_class, is_labelled, copy_count, spare_bytes, total_count
WITH groups AS (
    SELECT
        content_id,
        count(*) FILTER (NOT is_kept) AS copy_count,
        sum(size_bytes) FILTER (NOT is_kept)::BIGINT AS spare_bytes,
        bool_or($devices IS NULL OR list_contains($devices, device_id)) AS is_chosen
    FROM facts.same_content
    WHERE $confidence = confidence OR is_kept
    GROUP BY content_id
)

SELECT
    kept.content_id,
    kept.key,
    kept.source_bucket,
    kept.keep_reason,
    kept.storage_class,
    kept.is_labelled,
    groups.copy_count,
    groups.spare_bytes,
    count(*) OVER () AS total_count
FROM groups
JOIN facts.same_content AS kept USING (content_id)
WHERE kept.is_kept AND groups.is_chosen AND groups.copy_count > 0
ORDER BY groups.spare_bytes DESC, kept.source_bucket, kept.key
LIMIT $row_limit OFFSET $row_offset
