-- purpose: Current images that no source says are labelled, for a list of labelling tasks; one row per image, by place
--   (device/unit/month as worklist.places names it), bucket, key and version. `groups` are such places, `first` and `last`
--   bound them, `months` are first days as 2026-10-01, or 'other' for all outside the 14 months up to `today`. Reads the
--   reports themselves, so it is asked only for a download.
-- params:  today=NULL, devices=NULL, units=NULL, buckets=NULL, months=NULL, groups=NULL, first=NULL, last=NULL, row_limit=NULL
-- columns: source_bucket, key, version_id, e_tag, size_bytes, device_id, unit_id, month,
--   storage_class
--
-- Sorted for as many places as are asked for at a time: a list may be as long as the archive, which no reader can hold.
WITH clock AS (
    SELECT
        coalesce($today::DATE, report_at::DATE) AS today,
        date_trunc('month', coalesce($today::DATE, report_at::DATE)) - INTERVAL 13 MONTH AS first_month
    FROM meta.snapshot
),

named AS (
    SELECT DISTINCT
        device_id,
        unit_id,
        month,
        concat_ws('/', device_id, nullif(unit_id, ''), strftime(month, '%Y-%m')) AS place
    FROM marts.quality
),

places AS (
    SELECT named.*
    FROM named
    CROSS JOIN clock
    WHERE ($devices IS NULL OR list_contains($devices, device_id))
      AND ($units IS NULL OR list_contains($units, unit_id))
      AND (
          $months IS NULL
          OR list_contains($months, strftime(named.month, '%Y-%m-01'))
          OR (
              list_contains($months, 'other')
              AND NOT coalesce(named.month BETWEEN clock.first_month AND clock.today, false)
          )
      )
      AND ($groups IS NULL OR list_contains($groups, place))
      AND ($first IS NULL OR place >= $first)
      AND ($last IS NULL OR place <= $last)
),

images AS NOT MATERIALIZED (
    SELECT
        *,
        date_trunc('month', coalesce(try_strptime(nullif(captured_day, ''), '%Y%m%d'), uploaded_hour))::DATE AS month
    FROM facts.objects
    WHERE kind = 'image'
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
JOIN places
    ON
        places.device_id = images.device_id
        AND places.unit_id = images.unit_id
        AND places.month IS NOT DISTINCT FROM images.month
ANTI JOIN (
    SELECT noted.object_hash, noted.version_hash, noted.e_tag_hash
    FROM facts.labels AS noted
    SEMI JOIN places ON places.device_id = noted.device_id AND places.unit_id = noted.unit_id
    WHERE noted.is_labelled
) AS labels
    ON
        labels.object_hash = hash(images.source_bucket, images.key)
        AND labels.version_hash IN (0, hash(images.version_id))
        AND (labels.e_tag_hash IN (0, hash(images.e_tag)) OR images.e_tag = '')
ORDER BY places.place, images.source_bucket, images.key, images.version_id
LIMIT $row_limit
