-- purpose: Parts of multipart uploads that were begun more than 7 days ago and never finished; one row per bucket,
--   device, class and standing. They are in no listing, and in the bill.
-- place:   1
-- title:   Clear away unfinished uploads
-- action:  abort_uploads
-- deed:    A rule of the bucket clears away uploads that were begun 7 days ago and never finished; free of charge
--   (lifecycle rule AbortIncompleteMultipartUpload with DaysAfterInitiation = 7).
-- risk:    An upload that is still running after 7 days would have to begin again.
-- basis:   The list of unfinished uploads that S3 gave, with the size of their parts.
-- columns: source_bucket, device_id, storage_class, access_tier, to_class, to_tier, standing, object_count, size_bytes,
--   billed_bytes, byte_days, days_left
SELECT
    source_bucket,
    device_id,
    CASE WHEN storage_class IN ('GLACIER', 'DEEP_ARCHIVE') THEN 'STANDARD' ELSE storage_class END AS storage_class,
    CASE WHEN storage_class = 'INTELLIGENT_TIERING' THEN 'FREQUENT' ELSE '' END AS access_tier,
    '' AS to_class,
    '' AS to_tier,
    CASE
        WHEN EXISTS (
            SELECT 1 FROM marts.lifecycle_rules AS rules
            WHERE rules.action = 'abort_upload' AND rules.status = 'Enabled'
              AND rules.source_bucket = uploads.source_bucket AND starts_with(uploads.key, rules.prefix)
        ) THEN 'in_hand'
        ELSE 'open'
    END AS standing,
    count(*) AS object_count,
    sum(size_bytes)::BIGINT AS size_bytes,
    sum(size_bytes)::BIGINT AS billed_bytes,
    0::DECIMAL(38, 0) AS byte_days,
    0 AS days_left
FROM staging.unfinished_uploads AS uploads
WHERE initiated_at < asked_at - INTERVAL 7 DAY
GROUP BY ALL
