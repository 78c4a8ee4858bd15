-- purpose: What is stored now, every listed row included; one row per bucket, device, unit, kind, class, tier,
--   extension, size band and prefix.
-- columns: source_bucket, device_id, unit_id, kind, storage_class, access_tier, extension, size_band, prefix,
--   object_count, size_bytes
SELECT source_bucket, device_id, unit_id, kind, storage_class, access_tier, extension, size_band, prefix,
    sum(object_count)::BIGINT AS object_count, sum(size_bytes)::BIGINT AS size_bytes
FROM facts.cells
WHERE cut = 'day'
GROUP BY ALL
