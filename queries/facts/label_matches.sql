-- purpose: Labels by what became of their object: the current image carries it (current), it is of another version or
--   content (other_version, other_content), or there is no such image (orphan); one row per source, cell, state,
--   month and class. Rows that somebody must look at, or whose object has labels from elsewhere too, stand alone and keep their
--   hashes.
-- columns: source_no, cell, state, is_shared, month, object_hash, version_hash, e_tag_hash, storage_class, label_count,
--   size_bytes
--
-- Only hashes and numbers go through the join: 10 million labels meet 10 million objects in a second.
WITH objects AS (
    SELECT
        object_hash,
        version_hash,
        e_tag_hash,
        size_bytes,
        class_no,
        date_trunc('month', to_local(uploaded_at))::DATE AS uploaded_month
    FROM facts.fingerprints
    WHERE is_latest AND NOT is_delete_marker AND size_bytes IS DISTINCT FROM 0
),

matched AS (
    SELECT
        labels.source_no,
        labels.cell,
        CASE
            WHEN objects.object_hash IS NULL OR NOT verdicts.is_image THEN 'orphan'
            WHEN labels.version_hash <> 0 AND labels.version_hash <> objects.version_hash THEN 'other_version'
            WHEN labels.e_tag_hash <> 0 AND objects.e_tag_hash <> hash('') AND labels.e_tag_hash <> objects.e_tag_hash
                THEN 'other_content'
            ELSE 'current'
        END AS state,
        shared.object_hash IS NOT NULL AS is_shared,
        coalesce(verdicts.month, objects.uploaded_month) AS month,
        shared.object_hash IS NOT NULL OR len(verdicts.bad_names) > 0 AS is_noted,
        labels.object_hash,
        labels.version_hash,
        labels.e_tag_hash,
        objects.class_no,
        objects.size_bytes
    FROM staging.labels AS labels
    LEFT JOIN objects ON objects.object_hash = labels.object_hash
    LEFT JOIN raw.label_shared AS shared ON shared.object_hash = labels.object_hash
    JOIN facts.label_verdicts AS verdicts ON verdicts.source_no = labels.source_no AND verdicts.cell = labels.cell
)

SELECT
    source_no,
    cell,
    state,
    is_shared,
    month,
    CASE WHEN is_noted OR state <> 'current' THEN object_hash END AS object_hash,
    CASE WHEN is_noted OR state <> 'current' THEN version_hash END AS version_hash,
    CASE WHEN is_noted OR state <> 'current' THEN e_tag_hash END AS e_tag_hash,
    CASE WHEN class_no IS NOT NULL THEN class_of(class_no) END AS storage_class,
    count(*) AS label_count,
    coalesce(sum(size_bytes), 0)::BIGINT AS size_bytes
FROM matched
GROUP BY ALL
