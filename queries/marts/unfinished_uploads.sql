-- purpose: Unfinished multipart uploads, which no inventory lists and the bill contains; one row per bucket and device.
-- columns: source_bucket, device_id, upload_count, size_bytes
SELECT source_bucket, device_id, count(*) AS upload_count, sum(size_bytes)::BIGINT AS size_bytes
FROM staging.unfinished_uploads
GROUP BY ALL
