-- purpose: Everything stored by time since upload and storage class, youngest first; one row per age band and class.
-- params:  devices=NULL, storage_classes=NULL, kinds=NULL
-- columns: age_band, storage_class, object_count, size_bytes
SELECT
    age_band,
    storage_class,
    sum(object_count)::BIGINT AS object_count,
    sum(size_bytes)::BIGINT AS size_bytes
FROM marts.tier_ages
WHERE storage_class <> ''
  AND ($devices IS NULL OR list_contains($devices, device_id))
  AND ($storage_classes IS NULL OR list_contains($storage_classes, storage_class))
  AND ($kinds IS NULL OR list_contains($kinds, kind))
GROUP BY age_band, storage_class
ORDER BY
    list_position(
        ['under_30_days', 'from_30_days', 'from_90_days', 'from_180_days', 'from_365_days', 'unknown'], age_band
    ),
    storage_class
