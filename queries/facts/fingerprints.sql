-- purpose: Every listed row as numbers, for the questions that compare rows with each other; one row per listed row.
--   Rows with the same object_hash are versions of one object; where there is no ETag, e_tag_hash is hash('').
-- kept:    no
-- columns: object_hash, version_hash, e_tag_hash, size_bytes, uploaded_at, is_latest, is_delete_marker, class_no
--
-- The texts are most of a report's bytes: read once for this, they are looked up afterwards for what was found only.
-- A label file holds the same hashes, so labels meet their objects here.
SELECT
    hash(source_bucket, key) AS object_hash,
    hash(version_id) AS version_hash,
    hash(e_tag) AS e_tag_hash,
    size_bytes,
    uploaded_at,
    is_latest,
    is_delete_marker,
    class_no(storage_class) AS class_no
FROM staging.objects
