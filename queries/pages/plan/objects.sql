-- purpose: The objects and versions that an action would be about, for its plan, as facts.chosen takes a choice; one row
--   each, in no order. `only_archived` leaves out what can be read at once.
-- params:  devices=NULL, storage_classes=NULL, access_tiers=NULL, kinds=NULL, bucket=NULL, prefix='', labels=NULL,
--   size_bands=NULL, uploaded_before=NULL, keys=NULL, only_archived=NULL, row_limit=NULL
-- columns: source_bucket, key, version_id, e_tag, storage_class, access_tier, size_bytes, archive, kind, uploaded_at,
--   device_id
SELECT *
FROM facts.chosen($devices, $storage_classes, $access_tiers, $kinds, $bucket, $prefix, $labels, $size_bands)
WHERE (archive <> '' OR NOT coalesce($only_archived, false))
  AND ($uploaded_before::DATE IS NULL OR to_local(uploaded_at) < $uploaded_before::DATE)
  AND ($keys IS NULL OR key IN (SELECT unnest($keys::VARCHAR[])))
LIMIT $row_limit
