-- purpose: What the lifecycle rules move or delete next, soonest first; one row per due band, class and new class.
-- params:  devices=NULL, storage_classes=NULL, kinds=NULL
-- columns: due_band, from_class, to_class, object_count, size_bytes
SELECT
    due_band,
    from_class,
    to_class,
    sum(object_count)::BIGINT AS object_count,
    sum(size_bytes)::BIGINT AS size_bytes
FROM marts.lifecycle_moves
WHERE ($devices IS NULL OR list_contains($devices, device_id))
  AND ($storage_classes IS NULL OR list_contains($storage_classes, from_class))
  AND ($kinds IS NULL OR list_contains($kinds, kind))
GROUP BY due_band, from_class, to_class
ORDER BY
    list_position(['within_7_days', 'within_30_days', 'within_90_days', 'later'], due_band),
    size_bytes DESC,
    from_class,
    to_class
