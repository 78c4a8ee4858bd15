-- purpose: Source buckets to choose from; one row per bucket.
-- columns: source_bucket
SELECT DISTINCT source_bucket
FROM marts.storage
ORDER BY source_bucket
