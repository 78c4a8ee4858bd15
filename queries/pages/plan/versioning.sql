-- purpose: Whether a bucket keeps what is overwritten, as the newest row of its report tells; one row per bucket. An object
--   of before versioning has no version id where it is on, too; the newest one has none only where it is off or suspended.
-- columns: source_bucket, keeps_versions
SELECT
    source_bucket,
    coalesce(max({'at': uploaded_at, 'has_id': version_id <> ''})['has_id'], false) AS keeps_versions
FROM staging.objects
GROUP BY source_bucket
