-- purpose: Names that look alike and are two objects: the same text in two Unicode forms, or in upper and lower case;
--   one row per badly named object with a twin it should give way to.
-- columns: image_no, source_bucket, key, code
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

-- Only what is not plain ASCII has a second form (which may be plain), and few texts differ in case alone: whatever has
-- no twin is left out before the keys are sorted.
unusual AS (
    SELECT DISTINCT source_bucket, nfc_normalize(key) AS alike FROM present WHERE strlen(key) > length(key)
),

in_two_cases AS (
    SELECT source_bucket, lower(key) AS alike FROM present GROUP BY ALL HAVING count(*) > 1
),

folded AS (
    SELECT present.*, unusual.alike, 'nfc_nfd_twin' AS code
    FROM present
    JOIN unusual ON unusual.source_bucket = present.source_bucket AND unusual.alike = nfc_normalize(present.key)
    UNION ALL
    SELECT present.*, in_two_cases.alike, 'case_only_twin' AS code
    FROM present
    JOIN in_two_cases ON in_two_cases.source_bucket = present.source_bucket AND in_two_cases.alike = lower(present.key)
),

ranked AS (
    SELECT
        *,
        count(*) OVER alike_keys AS alike_count,
        first_value(key) OVER (alike_keys ORDER BY is_good DESC, key <> nfc_normalize(key), uploaded_at, key) AS twin_key
    FROM folded
    WINDOW alike_keys AS (PARTITION BY source_bucket, code, alike)
)

SELECT image_no, source_bucket, key, code
FROM ranked
WHERE alike_count > 1 AND image_no IS NOT NULL AND key <> twin_key
