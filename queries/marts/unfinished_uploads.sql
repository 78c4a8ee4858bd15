-- purpose: Unfinished multipart uploads, which no inventory lists and the bill contains; one row per bucket and device.
-- columns: source_bucket, device_id, upload_count, part_count, size_bytes, oldest_initiated_at, asked_at
SELECT source_bucket, device_id, count(*) AS upload_count, sum(part_count)::BIGINT AS part_count,
    sum(size_bytes)::BIGINT AS size_bytes, min(initiated_at) AS oldest_initiated_at, max(asked_at) AS asked_at
FROM staging.unfinished_uploads
GROUP BY ALL
