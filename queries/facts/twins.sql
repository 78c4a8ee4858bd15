-- purpose: Names that look alike and are two objects: the same text in two Unicode forms, or in upper and lower case;
--   one row per badly named object with a twin it should give way to.
-- columns: image_no, source_bucket, key, twin_key, code
--
-- The twin that stays is the one with a good name, else the composed one, else the older one.
WITH present AS (
    SELECT image_no, source_bucket, key, uploaded_at, false AS is_good FROM facts.unjudged
    UNION ALL
    SELECT NULL::INTEGER, answers.source_bucket, answers.key, NULL::TIMESTAMP, true
    FROM facts.key_answers AS answers
    ANTI JOIN facts.unjudged AS unjudged
        ON unjudged.source_bucket = answers.source_bucket AND unjudged.key = answers.key
    WHERE answers.is_current
),

folded AS (
    SELECT *, nfc_normalize(key) AS alike, 'nfc_nfd_twin' AS code FROM present
    UNION ALL
    SELECT *, lower(key) AS alike, 'case_only_twin' AS code FROM present
),

ranked AS (
    SELECT
        *,
        count(*) OVER alike_keys AS alike_count,
        first_value(key) OVER (alike_keys ORDER BY is_good DESC, key <> nfc_normalize(key), uploaded_at, key) AS twin_key
    FROM folded
    WINDOW alike_keys AS (PARTITION BY source_bucket, code, alike)
)

SELECT image_no, source_bucket, key, twin_key, code
FROM ranked
WHERE alike_count > 1 AND image_no IS NOT NULL AND key <> twin_key
