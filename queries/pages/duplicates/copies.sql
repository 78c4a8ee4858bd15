-- purpose: Every copy of one content, the one to keep first; one row per object version.
-- params:  content_id
-- columns: duplicate_case, confidence, key, source_bucket, version_id, kind, storage_class, is_name_good, is_labelled,
--   size_bytes, uploaded_at, minimum_days_left
SELECT duplicate_case, confidence, key, source_bucket, version_id, kind, storage_class, is_name_good, is_labelled,
    size_bytes, uploaded_at, minimum_days_left
FROM facts.same_content
WHERE content_id = $content_id
ORDER BY keep_rank
