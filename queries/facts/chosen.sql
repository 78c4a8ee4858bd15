-- purpose: The objects and versions that a choice means; one row each. A macro: plan.objects and restore.choices hand the
--   choice in. Noncurrent versions only if `kinds` names them, delete markers never. `labels` are texts as name=value, of
--   which an image has one at least; to know it the label files are read. `archive` as in prices of restores: the class,
--   or the tier of Intelligent-Tiering with INT_ before it; '' can be read at once. NULL is a size that no report tells.
-- kept:    macro
-- params:  devices=NULL, storage_classes=NULL, access_tiers=NULL, kinds=NULL, bucket=NULL, prefix='', labels=NULL,
--   size_bands=NULL
-- columns: source_bucket, key, version_id, e_tag, storage_class, access_tier, size_bytes, archive, kind, uploaded_at,
--   device_id
SELECT
    source_bucket,
    key,
    -- Without an id S3 would take a former version of before versioning for what is current under its key now.
    CASE
        WHEN kind = 'noncurrent_version' AND coalesce(version_id, '') = '' THEN 'null' ELSE coalesce(version_id, '')
    END AS version_id,
    coalesce(e_tag, '') AS e_tag,
    storage_class,
    coalesce(access_tier, '') AS access_tier,
    known_size(size_bytes, size_band) AS size_bytes,
    CASE
        WHEN storage_class IN ('GLACIER', 'DEEP_ARCHIVE') THEN storage_class
        WHEN storage_class = 'INTELLIGENT_TIERING' AND access_tier IN ('ARCHIVE', 'DEEP_ARCHIVE')
            THEN 'INT_' || access_tier
        ELSE ''
    END AS archive,
    kind,
    uploaded_at,
    device_id
FROM facts.objects AS objects
-- Asked for as hashes, and of nobody where $labels is NULL: else all labels would be read before they are left out again.
LEFT JOIN (
    SELECT object_hash, version_hash, e_tag_hash
    FROM facts.labels
    WHERE $labels::VARCHAR[] IS NOT NULL
      AND len(list_intersect(
          list_transform(map_entries(tags), lambda tag: tag.key || '=' || tag.value), $labels::VARCHAR[]
      )) > 0
) AS noted
    ON
        noted.object_hash = hash(objects.source_bucket, objects.key)
        AND noted.version_hash IN (0, hash(objects.version_id))
        AND (noted.e_tag_hash IN (0, hash(objects.e_tag)) OR objects.e_tag = '')
WHERE objects.kind <> 'delete_marker'
  AND CASE
      WHEN $kinds::VARCHAR[] IS NULL THEN objects.kind <> 'noncurrent_version'
      ELSE list_contains($kinds::VARCHAR[], objects.kind)
  END
  AND ($devices::VARCHAR[] IS NULL OR list_contains($devices::VARCHAR[], objects.device_id))
  AND ($storage_classes::VARCHAR[] IS NULL OR list_contains($storage_classes::VARCHAR[], objects.storage_class))
  AND ($access_tiers::VARCHAR[] IS NULL OR list_contains($access_tiers::VARCHAR[], objects.access_tier))
  AND ($size_bands::VARCHAR[] IS NULL OR list_contains($size_bands::VARCHAR[], objects.size_band))
  AND ($bucket::VARCHAR IS NULL OR objects.source_bucket = $bucket::VARCHAR)
  AND starts_with(objects.key, $prefix::VARCHAR)
  AND ($labels::VARCHAR[] IS NULL OR noted.object_hash IS NOT NULL)
