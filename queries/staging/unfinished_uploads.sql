-- purpose: Multipart uploads that were begun and neither completed nor aborted; one row per upload.
-- columns: source_bucket, key, device_id, upload_id, initiated_at, storage_class, part_count, size_bytes, asked_at
SELECT
    source_bucket,
    upload.key AS key,
    device_of(upload.key) AS device_id,
    upload.upload_id AS upload_id,
    upload.initiated_at::TIMESTAMP AS initiated_at,
    coalesce(upload.storage_class, 'STANDARD') AS storage_class,
    upload.part_count AS part_count,
    upload.size_bytes AS size_bytes,
    asked_at::TIMESTAMP AS asked_at
FROM (SELECT source_bucket, asked_at, unnest(uploads) AS upload FROM raw.uploads)
