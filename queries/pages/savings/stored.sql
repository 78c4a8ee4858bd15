-- purpose: Everything that is billed as stored, by what its price follows from; one row per class and tier.
-- columns: storage_class, access_tier, object_count, size_bytes, billed_bytes
SELECT storage_class, access_tier, object_count, size_bytes, billed_bytes
FROM marts.stored_classes
ORDER BY storage_class, access_tier
