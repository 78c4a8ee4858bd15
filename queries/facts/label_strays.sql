-- purpose: Labels that no current image carries, of sources that keep labels apart from their objects, with the reason;
--   one row per label. A label of an older version or content is stale; the others have no image: their object never
--   existed, was deleted, is an older version only, lies in another bucket, is no image, or is named in another Unicode
--   form: of a name in decomposed characters (macOS) and one in composed ones people see no difference.
-- columns: source_no, source_id, source_bucket, key, version_id, e_tag, tags, labelled_at, device_id, unit_id, size_bytes,
--   is_stale, reason
WITH strays AS (
    SELECT
        noted.*,
        sources.source_id,
        hash(noted.key) AS key_hash,
        hash(noted.source_bucket, nfc_normalize(noted.key)) AS composed_hash
    FROM facts.label_rows AS noted
    JOIN raw.label_sources AS sources USING (source_no)
    WHERE noted.state <> 'current' AND NOT sources.is_per_object
),

lost AS (SELECT object_hash, key_hash, composed_hash FROM strays WHERE state = 'orphan'),

listed AS (
    SELECT
        hash(source_bucket, key) AS object_hash,
        bool_or(is_latest AND NOT is_delete_marker) AS is_there,
        bool_or(is_latest AND is_delete_marker) AS is_deleted
    FROM staging.objects
    WHERE hash(source_bucket, key) IN (SELECT object_hash FROM lost UNION ALL SELECT composed_hash FROM lost)
    GROUP BY ALL
),

-- A name in decomposed characters is a bad one.
decomposed AS (
    SELECT DISTINCT hash(source_bucket, nfc_normalize(key)) AS composed_hash
    FROM facts.unjudged
    WHERE strlen(key) <> length(key)
),

-- Images as facts.objects tells them, of these few keys only: grouped first, or every key would be taken apart.
elsewhere AS (
    SELECT
        hash(key) AS key_hash,
        bool_or(
            size_bytes IS DISTINCT FROM 0 AND (
                coalesce(parse_key(key).ext, '') <> ''
                OR NOT (ends_with(key, '/') OR is_junk(key) OR is_companion(key) OR is_derivative(key))
            )
        ) AS is_image
    FROM staging.objects
    WHERE hash(key) IN (SELECT key_hash FROM lost) AND is_latest AND NOT is_delete_marker
    GROUP BY ALL
)

SELECT
    strays.source_no,
    strays.source_id,
    strays.source_bucket,
    strays.key,
    strays.version_id,
    strays.e_tag,
    strays.tags,
    strays.labelled_at,
    strays.device_id,
    strays.unit_id,
    strays.size_bytes,
    strays.state <> 'orphan' AS is_stale,
    CASE
        WHEN strays.state <> 'orphan' THEN strays.state
        WHEN listed.is_there THEN 'not_an_image'
        WHEN listed.is_deleted THEN 'deleted'
        WHEN listed.object_hash IS NOT NULL THEN 'noncurrent'
        WHEN composed.is_there OR decomposed.composed_hash IS NOT NULL THEN 'other_unicode_form'
        WHEN elsewhere.is_image THEN 'image_elsewhere'
        WHEN strays.source_bucket NOT IN (SELECT source_bucket FROM staging.reports WHERE is_current)
            THEN 'bucket_not_listed'
        ELSE 'never_existed'
    END AS reason
FROM strays
LEFT JOIN listed ON listed.object_hash = strays.object_hash
LEFT JOIN elsewhere ON elsewhere.key_hash = strays.key_hash
LEFT JOIN listed AS composed ON composed.object_hash = strays.composed_hash
LEFT JOIN decomposed ON decomposed.composed_hash = strays.composed_hash
