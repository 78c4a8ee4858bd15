-- purpose: Multipart uploads that were begun so many days before S3 was asked, and not finished then; one row per upload.
-- params:  devices=NULL, bucket=NULL, prefix='', keys=NULL, days=7, row_limit=NULL
-- columns: source_bucket, key, upload_id, initiated_at, asked_at, storage_class, part_count, size_bytes
SELECT source_bucket, key, upload_id, initiated_at, asked_at, storage_class, part_count, size_bytes
FROM staging.unfinished_uploads
WHERE initiated_at < asked_at - to_days($days::INTEGER)
  AND ($devices IS NULL OR list_contains($devices, device_id))
  AND ($bucket IS NULL OR source_bucket = $bucket)
  AND starts_with(key, $prefix)
  AND ($keys IS NULL OR key IN (SELECT unnest($keys::VARCHAR[])))
LIMIT $row_limit
