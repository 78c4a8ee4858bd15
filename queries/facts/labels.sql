-- purpose: Current images that any label source says something about, with all their labels; one row per image. A
--   version or ETag of '' and its hash 0 stand for any. Reads the label files themselves, so it is asked only for lists;
--   whoever joins many joins the hashes, as they were joined in facts.label_matches.
-- kept:    view
-- columns: source_bucket, key, version_id, e_tag, object_hash, version_hash, e_tag_hash, device_id, unit_id, tags,
--   is_labelled, read_at, source_ids, conflict_names
SELECT
    labels.source_bucket,
    labels.key,
    labels.version_id,
    labels.e_tag,
    labels.object_hash,
    labels.version_hash,
    labels.e_tag_hash,
    verdicts.device_id,
    verdicts.unit_id,
    labels.tags,
    verdicts.is_labelled,
    coalesce(labels.labelled_at, sources.read_at) AS read_at,
    [sources.source_id] AS source_ids,
    []::VARCHAR[] AS conflict_names
FROM staging.labels AS labels
JOIN facts.label_verdicts AS verdicts ON verdicts.source_no = labels.source_no AND verdicts.cell = labels.cell
JOIN raw.label_sources AS sources ON sources.source_no = labels.source_no
WHERE NOT EXISTS (
    SELECT 1
    FROM facts.label_matches AS noted
    WHERE
        noted.object_hash = labels.object_hash
        AND noted.source_no = labels.source_no
        AND noted.version_hash = labels.version_hash
        AND noted.e_tag_hash = labels.e_tag_hash
        AND (noted.is_shared OR noted.state <> 'current')
)
UNION ALL
SELECT
    source_bucket,
    key,
    '' AS version_id,
    '' AS e_tag,
    hash(source_bucket, key) AS object_hash,
    -- 0 in the type of hashes, which Spark has no name for: a wider one would not fit into memory 10 million times.
    hash('') - hash('') AS version_hash,
    hash('') - hash('') AS e_tag_hash,
    device_id,
    unit_id,
    tags,
    is_labelled,
    read_at,
    source_ids,
    conflict_names
FROM facts.label_merged
