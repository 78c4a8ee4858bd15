-- purpose: What of a selection is archived, as facts.chosen takes it; one row per class and access tier. The rest needs no
--   restore and is one row with an empty class. `keys` are object keys, or s3://bucket/key. `job_places` are the buckets,
--   `bucket?` for objects with a version id, with spaces between them: what jobs of S3 Batch Operations are made apart by.
--   Objects whose size no report tells are counted apart, as a plan refuses them.
-- params:  devices=NULL, storage_classes=NULL, access_tiers=NULL, kinds=NULL, bucket=NULL, prefix='', labels=NULL,
--   size_bands=NULL, uploaded_before=NULL, keys=NULL
-- columns: storage_class, access_tier, object_count, size_bytes, unsized_count, job_places
SELECT
    CASE WHEN archive <> '' THEN storage_class ELSE '' END AS storage_class,
    CASE WHEN starts_with(archive, 'INT_') THEN access_tier ELSE '' END AS access_tier,
    sum(object_count)::BIGINT AS object_count,
    coalesce(sum(size_bytes), 0)::BIGINT AS size_bytes,
    sum(unsized_count)::BIGINT AS unsized_count,
    coalesce(string_agg(DISTINCT job_place, ' ' ORDER BY job_place) FILTER (object_count > 0), '') AS job_places
FROM (
    SELECT
        source_bucket || CASE WHEN version_id = '' THEN '' ELSE '?' END AS job_place,
        storage_class,
        access_tier,
        archive,
        count(size_bytes) AS object_count,
        sum(size_bytes) AS size_bytes,
        count(*) - count(size_bytes) AS unsized_count
    FROM facts.chosen($devices, $storage_classes, $access_tiers, $kinds, $bucket, $prefix, $labels, $size_bands)
    WHERE ($uploaded_before::DATE IS NULL OR to_local(uploaded_at) < $uploaded_before::DATE)
      AND (
          $keys IS NULL
          OR key IN (SELECT unnest($keys::VARCHAR[]))
          OR 's3://' || source_bucket || '/' || key IN (SELECT unnest($keys::VARCHAR[]))
      )
    GROUP BY ALL
) AS chosen
GROUP BY 1, 2
ORDER BY size_bytes DESC, 1, 2
