-- purpose: The labels that stand alone in facts.label_matches, with their keys: those of objects that several rows speak
--   about, all of them, and of the others up to 100,000 per source and state; one row per label.
-- columns: source_no, source_bucket, key, version_id, e_tag, tags, labelled_at, object_hash, device_id, unit_id, month,
--   size_bytes, storage_class, state, is_shared
WITH noted AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY source_no, state, is_shared ORDER BY object_hash) AS place
    FROM facts.label_matches
    WHERE object_hash IS NOT NULL
)

SELECT
    labels.source_no,
    labels.source_bucket,
    labels.key,
    labels.version_id,
    labels.e_tag,
    labels.tags,
    labels.labelled_at,
    labels.object_hash,
    verdicts.device_id,
    verdicts.unit_id,
    noted.month,
    noted.size_bytes,
    noted.storage_class,
    noted.state,
    noted.is_shared
FROM staging.labels AS labels
JOIN noted
    ON
        noted.object_hash = labels.object_hash
        AND noted.source_no = labels.source_no
        AND noted.version_hash = labels.version_hash
        AND noted.e_tag_hash = labels.e_tag_hash
JOIN facts.label_verdicts AS verdicts ON verdicts.source_no = noted.source_no AND verdicts.cell = noted.cell
WHERE noted.place <= 100000 OR noted.is_shared
