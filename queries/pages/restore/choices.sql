-- purpose: What of a selection is archived, as plan.objects chooses it; one row per class and access tier. The rest
--   needs no restore and is one row with an empty class. `keys` are object keys, or s3://bucket/key.
-- params:  devices=NULL, storage_classes=NULL, access_tiers=NULL, kinds=NULL, bucket=NULL, prefix='', labels=NULL,
--   keys=NULL
-- columns: storage_class, access_tier, object_count, size_bytes
SELECT
    CASE WHEN is_archived THEN storage_class ELSE '' END AS storage_class,
    CASE WHEN is_archived THEN access_tier ELSE '' END AS access_tier,
    count(*) AS object_count,
    coalesce(sum(size_bytes), 0)::BIGINT AS size_bytes
FROM (
    SELECT
        storage_class,
        CASE WHEN storage_class = 'INTELLIGENT_TIERING' THEN coalesce(access_tier, '') ELSE '' END AS access_tier,
        size_bytes,
        storage_class IN ('GLACIER', 'DEEP_ARCHIVE')
        OR (
            storage_class = 'INTELLIGENT_TIERING' AND coalesce(access_tier, '') IN ('ARCHIVE', 'DEEP_ARCHIVE')
        ) AS is_archived
    FROM facts.objects AS objects
    WHERE kind <> 'delete_marker'
      AND CASE WHEN $kinds IS NULL THEN kind <> 'noncurrent_version' ELSE list_contains($kinds, kind) END
      AND ($devices IS NULL OR list_contains($devices, device_id))
      AND ($storage_classes IS NULL OR list_contains($storage_classes, storage_class))
      AND ($access_tiers IS NULL OR list_contains($access_tiers, access_tier))
      AND ($bucket IS NULL OR source_bucket = $bucket)
      AND starts_with(key, $prefix)
      AND (
          $labels IS NULL
          OR EXISTS (
              SELECT 1
              FROM facts.labels AS noted
              WHERE
                  noted.object_hash = hash(objects.source_bucket, objects.key)
                  AND noted.version_hash IN (0, hash(objects.version_id))
                  AND (noted.e_tag_hash IN (0, hash(objects.e_tag)) OR objects.e_tag = '')
                  AND list_has_any(
                      list_transform(map_entries(noted.tags), lambda tag: tag.key || '=' || tag.value),
                      $labels::VARCHAR[]
                  )
          )
      )
      AND (
          $keys IS NULL
          OR key IN (SELECT unnest($keys::VARCHAR[]))
          OR 's3://' || source_bucket || '/' || key IN (SELECT unnest($keys::VARCHAR[]))
      )
) AS chosen
GROUP BY 1, 2
ORDER BY size_bytes DESC, 1, 2
