-- purpose: Current images that any label source says something about, with all their labels; one row per image. A
--   version or ETag of '' stands for any. Reads the label files themselves, so it is asked only for lists.
-- kept:    view
-- columns: source_bucket, key, version_id, e_tag, tags, is_labelled, read_at, source_ids, conflict_names
SELECT
    labels.source_bucket,
    labels.key,
    labels.version_id,
    labels.e_tag,
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
SELECT source_bucket, key, '' AS version_id, '' AS e_tag, tags, is_labelled, read_at, source_ids, conflict_names
FROM facts.label_merged
