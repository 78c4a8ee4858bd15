-- purpose: Copies of a content that could go, each with the copy to keep: certain, current, no junk, and the copy to keep is
--   none of what other savings delete, so that one is left whatever is done; one row per version.
-- kept:    view
-- columns: source_bucket, key, version_id, e_tag, kind, device_id, storage_class, access_tier, size_bytes, billed_bytes,
--   uploaded_at, duplicate_case, minimum_days_left, kept_bucket, kept_key, kept_version_id, kept_class, kept_tier
SELECT
    copies.source_bucket,
    copies.key,
    copies.version_id,
    copies.e_tag,
    copies.kind,
    copies.device_id,
    copies.storage_class,
    copies.access_tier,
    copies.size_bytes,
    copies.billed_bytes,
    copies.uploaded_at,
    copies.duplicate_case,
    copies.minimum_days_left,
    kept.source_bucket AS kept_bucket,
    kept.key AS kept_key,
    kept.version_id AS kept_version_id,
    kept.storage_class AS kept_class,
    kept.access_tier AS kept_tier
FROM facts.same_content AS copies
JOIN facts.same_content AS kept ON kept.content_id = copies.content_id AND kept.is_kept
WHERE copies.confidence = 'exact'
  AND NOT copies.is_kept
  AND copies.kind NOT IN ('noncurrent_version', 'junk')
  AND kept.kind NOT IN ('noncurrent_version', 'junk')
