-- purpose: Current images that are not known to be labelled, newest first; one row per image. `label_state` tells an
--   image without a label from one whose tags were not read in its present form. `month` is a first day, or 'other' for
--   everything outside the 14 months up to `today`. Reads the reports themselves, so it is asked only for the list.
-- params:  today=NULL, devices=NULL, units=NULL, month=NULL, row_limit=50, row_offset=0
-- columns: key, label_state, device_id, unit_id, size_bytes, uploaded_at, storage_class, source_bucket, total_count
WITH clock AS (
    SELECT
        coalesce($today::DATE, report_at::DATE) AS today,
        date_trunc('month', coalesce($today::DATE, report_at::DATE)) - INTERVAL 13 MONTH AS first_month
    FROM meta.snapshot
),

-- What is labelled goes out by numbers, which of 10 million labels still fit into a reader's memory.
leaf AS (
    SELECT images.*
    FROM (
        SELECT
            *,
            date_trunc('month', coalesce(try_strptime(nullif(captured_day, ''), '%Y%m%d'), uploaded_hour))::DATE
                AS month
        FROM facts.objects
        WHERE kind = 'image'
          AND ($devices IS NULL OR list_contains($devices, device_id))
          AND ($units IS NULL OR list_contains($units, unit_id))
    ) AS images
    CROSS JOIN clock
    ANTI JOIN (SELECT object_hash, version_hash, e_tag_hash FROM facts.labels WHERE is_labelled) AS labels
        ON
            labels.object_hash = hash(images.source_bucket, images.key)
            AND labels.version_hash IN (0, hash(images.version_id))
            AND (labels.e_tag_hash IN (0, hash(images.e_tag)) OR images.e_tag = '')
    WHERE CASE
        WHEN $month IS NULL THEN true
        WHEN $month = 'other' THEN NOT coalesce(images.month BETWEEN clock.first_month AND clock.today, false)
        ELSE images.month = try_cast($month AS DATE)
    END
    ORDER BY images.uploaded_at DESC, images.source_bucket, images.key, images.version_id
    LIMIT $row_limit OFFSET $row_offset
),

-- The mart counts the same images; a scan of its own would hold all those numbers once more.
counted AS (
    SELECT coalesce(sum(unlabelled_count + unread_count), 0)::BIGINT AS total_count
    FROM marts.label_coverage AS coverage
    CROSS JOIN clock
    WHERE ($devices IS NULL OR list_contains($devices, coverage.device_id))
      AND ($units IS NULL OR list_contains($units, coverage.unit_id))
      AND CASE
          WHEN $month IS NULL THEN true
          WHEN $month = 'other' THEN NOT coalesce(coverage.month BETWEEN clock.first_month AND clock.today, false)
          ELSE coverage.month = try_cast($month AS DATE)
      END
),

-- Sources that ask each object by itself, the buckets of those whose silence is no answer yet, and whether any other
-- source was read: the same rule as in marts.label_coverage.
readers AS (
    SELECT
        coalesce(list(source_id) FILTER (is_per_object), []) AS source_ids,
        coalesce(list(buckets) FILTER (is_per_object OR NOT is_read), []) AS asked,
        coalesce(bool_or(NOT is_per_object AND is_read), false) AS has_files
    FROM marts.label_sources
)

SELECT
    leaf.key,
    CASE
        WHEN coalesce(list_has_any(labels.source_ids, readers.source_ids), false) THEN 'unlabelled'
        WHEN NOT readers.has_files THEN 'unread'
        WHEN len(list_filter(
            readers.asked, lambda buckets: buckets = [] OR list_contains(buckets, leaf.source_bucket)
        )) > 0
            THEN 'unread'
        ELSE 'unlabelled'
    END AS label_state,
    leaf.device_id,
    leaf.unit_id,
    leaf.size_bytes,
    leaf.uploaded_at,
    leaf.storage_class,
    leaf.source_bucket,
    counted.total_count
FROM leaf
CROSS JOIN readers
CROSS JOIN counted
LEFT JOIN facts.labels AS labels
    ON
        labels.object_hash = hash(leaf.source_bucket, leaf.key)
        AND labels.version_hash IN (0, hash(leaf.version_id))
        AND (labels.e_tag_hash IN (0, hash(leaf.e_tag)) OR leaf.e_tag = '')
ORDER BY leaf.uploaded_at DESC, leaf.source_bucket, leaf.key, leaf.version_id
