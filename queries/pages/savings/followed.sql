-- purpose: How much is stored of the kinds that every report counts apart and that a saving removes as a whole; one row per
--   kind, class and tier. A promise keeps it, so that later reports can be held against it.
-- columns: kind, storage_class, access_tier, size_bytes
SELECT kind, storage_class, access_tier, sum(size_bytes)::BIGINT AS size_bytes
FROM marts.storage
WHERE kind IN ('noncurrent_version', 'junk') AND storage_class <> ''
GROUP BY ALL
ORDER BY kind, storage_class, access_tier
