-- purpose: Current images by what is known of their label; one row per bucket, device, unit and month.
-- params:  is_configured
-- columns: source_bucket, device_id, unit_id, month, image_count, labelled_count, unlabelled_count, unread_count,
--   unlabelled_size_bytes
SELECT
    objects.source_bucket,
    objects.device_id,
    objects.unit_id,
    date_trunc(
        'month', coalesce(try_strptime(nullif(objects.captured_day, ''), '%Y%m%d'), objects.uploaded_hour)
    )::DATE AS month,
    count(*) AS image_count,
    count(*) FILTER (labels.is_labelled) AS labelled_count,
    count(*) FILTER (NOT labels.is_labelled) AS unlabelled_count,
    count(*) FILTER (labels.is_labelled IS NULL) AS unread_count,
    coalesce(sum(objects.size_bytes) FILTER (NOT labels.is_labelled), 0)::BIGINT AS unlabelled_size_bytes
FROM facts.objects AS objects
LEFT JOIN facts.labels AS labels
    ON
        labels.source_bucket = objects.source_bucket
        AND labels.key = objects.key
        AND labels.version_id = objects.version_id
        AND (labels.e_tag = objects.e_tag OR objects.e_tag = '')
WHERE $is_configured AND objects.kind = 'image'
GROUP BY ALL
