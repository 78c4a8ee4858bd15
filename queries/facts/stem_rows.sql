-- purpose: The fingerprint of every listed row with the number of its key's stem, from one pass over the keys; one row per
--   listed row. A row without a stem, of an image without bytes or in a class nobody knows yet stands alone: `alone` holds
--   its texts.
-- kept:    no
-- columns: object_hash, version_hash, e_tag_hash, size_bytes, uploaded_at, is_latest, is_delete_marker, class_no,
--   access_tier_no, stem_no, alone
--
-- The first eight are those of facts.fingerprints. Numbers instead of words, for these rows are counted and compared
-- often, and there are as many as objects; the texts of the few that stand alone fill no column of all.
WITH numbered AS (
    SELECT *, class_no(storage_class) AS class_no, access_tier_no(access_tier) AS access_tier_no FROM facts.stemmed
),

marked AS (
    SELECT
        *,
        stem_no IS NULL
        OR (size_bytes IS NOT DISTINCT FROM 0 AND is_latest AND NOT is_delete_marker)
        OR access_tier_no = 0
        OR (class_no = 0 AND storage_class NOT IN ('', 'UNKNOWN')) AS is_alone
    FROM numbered
)

SELECT
    hash(source_bucket, key) AS object_hash,
    hash(version_id) AS version_hash,
    hash(e_tag) AS e_tag_hash,
    size_bytes,
    uploaded_at,
    is_latest,
    is_delete_marker,
    class_no,
    access_tier_no,
    CASE WHEN NOT is_alone THEN stem_no END AS stem_no,
    CASE
        WHEN is_alone
            THEN [{'key': key, 'version_id': version_id, 'storage_class': storage_class, 'access_tier': access_tier}]
    END AS alone
FROM marked
