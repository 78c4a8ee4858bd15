-- purpose: Labels that no current image carries, up to 100,000 of each source and state; one row per label. Totals are in
--   marts.label_sources.
-- columns: source_id, source_bucket, key, version_id, device_id, unit_id, tags, labelled_at, is_stale, reason
SELECT source_id, source_bucket, key, version_id, device_id, unit_id, tags, labelled_at, is_stale, reason
FROM facts.label_strays
