-- purpose: Every row of every label source as it is kept; one row per source and object version. A version or ETag of ''
--   and its hash 0 stand for any.
-- columns: source_no, source_bucket, key, version_id, e_tag, tags, labelled_at, object_hash, version_hash, e_tag_hash, cell
SELECT
    source_no,
    source_bucket,
    key,
    version_id,
    e_tag,
    tags,
    labelled_at,
    object_hash,
    version_hash,
    e_tag_hash,
    cell
FROM raw.labels
