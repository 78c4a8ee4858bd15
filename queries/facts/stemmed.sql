-- purpose: Every listed row with the good stem that its key begins with, NULL if there is none; one row per listed row.
-- columns: report_no, source_bucket, key, version_id, is_latest, is_delete_marker, size_bytes, uploaded_at, e_tag,
--   storage_class, access_tier, is_multipart, encryption_status, ending_no, stem_no, stem_device_id, stem_unit_id,
--   stem_extension, stem_prefix, stem_day
--
-- A key that begins with a good stem and ends in a rest is a good name, and raw.stems says what stands in it.
WITH cut AS (SELECT *, known_ending(key) AS ending_no FROM staging.objects)

SELECT
    cut.*,
    stems.stem_no,
    stems.device_id AS stem_device_id,
    stems.unit_id AS stem_unit_id,
    stems.extension AS stem_extension,
    stems.prefix AS stem_prefix,
    stems.captured_day AS stem_day
FROM cut
LEFT JOIN raw.stems AS stems ON stems.stem = stem_of(cut.key, cut.ending_no) AND stems.ending_no = cut.ending_no
