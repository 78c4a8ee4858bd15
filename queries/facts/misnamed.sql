-- purpose: Current images whose name breaks the grammar: every reason, the main one first, and the name they should
--   have or what is missing for it; one row per image.
-- columns: source_bucket, key, version_id, device_id, unit_id, storage_class, access_tier, extension, size_bytes,
--   uploaded_at, captured_on, month, reason, reasons, proposed_key, proposal_basis, missing, needs_restore, subject
--
-- A name is proposed only if nothing lies under it, an old version included, and no other image would get it too.
-- An image without a byte is junk, so 0 bytes here are a size that no report tells: NULL.
-- `subject` is the key, with its bucket before it where another bucket holds the same key.
WITH claimed AS (
    SELECT source_bucket, proposed_key
    FROM facts.proposals
    WHERE proposed_key IS NOT NULL
    GROUP BY source_bucket, proposed_key
    HAVING count(*) > 1
),

proposed AS (
    SELECT
        proposals.*,
        answers.key IS NOT NULL AS is_taken,
        claimed.proposed_key IS NOT NULL AS is_claimed
    FROM facts.proposals AS proposals
    LEFT JOIN facts.key_answers AS answers
        ON answers.source_bucket = proposals.source_bucket AND answers.key = proposals.proposed_key
    LEFT JOIN claimed
        ON claimed.source_bucket = proposals.source_bucket AND claimed.proposed_key = proposals.proposed_key
),

decided AS (
    SELECT
        *,
        proposed_key IS NOT NULL AND NOT is_taken AND NOT is_claimed AS is_free,
        CASE
            WHEN proposed_key IS NULL THEN missing
            WHEN is_taken THEN 'name_exists'
            WHEN is_claimed THEN 'would_collide'
            ELSE ''
        END AS what_is_missing
    FROM proposed
),

alike AS (
    SELECT image_no, list(DISTINCT code ORDER BY code) AS codes FROM facts.twins GROUP BY image_no
),

shared AS (
    SELECT key FROM facts.unjudged GROUP BY key HAVING min(source_bucket) <> max(source_bucket)
)

SELECT
    unjudged.source_bucket,
    unjudged.key,
    unjudged.version_id,
    unjudged.device_id,
    unjudged.unit_id,
    unjudged.storage_class,
    unjudged.access_tier,
    unjudged.extension,
    nullif(unjudged.size_bytes, 0) AS size_bytes,
    unjudged.uploaded_at,
    verdicts.captured_on,
    unjudged.month,
    verdicts.reasons[1] AS reason,
    verdicts.reasons || coalesce(alike.codes, []) AS reasons,
    CASE WHEN decided.is_free THEN decided.proposed_key END AS proposed_key,
    CASE WHEN decided.is_free THEN decided.basis ELSE '' END AS proposal_basis,
    decided.what_is_missing AS missing,
    unjudged.storage_class IN ('GLACIER', 'DEEP_ARCHIVE') OR unjudged.access_tier IN ('ARCHIVE', 'DEEP_ARCHIVE')
        AS needs_restore,
    CASE
        WHEN shared.key IS NOT NULL THEN unjudged.source_bucket || '/' || unjudged.key ELSE unjudged.key
    END AS subject
FROM facts.unjudged AS unjudged
JOIN facts.verdicts AS verdicts USING (image_no)
JOIN decided USING (image_no)
LEFT JOIN alike USING (image_no)
LEFT JOIN shared ON shared.key = unjudged.key
