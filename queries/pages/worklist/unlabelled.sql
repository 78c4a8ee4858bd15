-- purpose: Current images that no source says are labelled, for a list of labelling tasks; one row per image, in the
--   order of the reports. `groups` are subjects of the rule unlabelled_images (device/unit/month), `months` first days as
--   2026-10-01. Reads the reports themselves, so it is asked only for a download.
-- params:  devices=NULL, units=NULL, buckets=NULL, months=NULL, groups=NULL, row_limit=NULL
-- columns: source_bucket, key, version_id, e_tag, size_bytes, device_id, unit_id, month,
--   storage_class
--
-- Not sorted: a list may be as long as the archive, and flows through instead of being held.
WITH images AS NOT MATERIALIZED (
    SELECT
        *,
        date_trunc('month', coalesce(try_strptime(nullif(captured_day, ''), '%Y%m%d'), uploaded_hour))::DATE AS month
    FROM facts.objects
    WHERE kind = 'image'
      AND ($devices IS NULL OR list_contains($devices, device_id))
      AND ($units IS NULL OR list_contains($units, unit_id))
      AND ($buckets IS NULL OR list_contains($buckets, source_bucket))
)

SELECT
    images.source_bucket,
    images.key,
    images.version_id,
    images.e_tag,
    images.size_bytes,
    images.device_id,
    images.unit_id,
    coalesce(strftime(images.month, '%Y-%m-01'), '') AS month,
    images.storage_class
FROM images
ANTI JOIN (SELECT object_hash, version_hash, e_tag_hash FROM facts.labels WHERE is_labelled) AS labels
    ON
        labels.object_hash = hash(images.source_bucket, images.key)
        AND labels.version_hash IN (0, hash(images.version_id))
        AND (labels.e_tag_hash IN (0, hash(images.e_tag)) OR images.e_tag = '')
WHERE ($months IS NULL OR list_contains($months, strftime(images.month, '%Y-%m-01')))
  AND (
      $groups IS NULL
      OR list_contains(
          $groups, concat_ws('/', images.device_id, nullif(images.unit_id, ''), strftime(images.month, '%Y-%m'))
      )
  )
LIMIT $row_limit
