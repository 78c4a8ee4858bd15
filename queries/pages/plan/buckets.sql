-- purpose: What each bucket holds, for the share of it that a plan would remove; one row per bucket.
-- columns: source_bucket, object_count, size_bytes
SELECT source_bucket, row_count AS object_count, size_bytes
FROM facts.buckets
