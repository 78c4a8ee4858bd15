-- purpose: Keys about which a rule must know whether they exist: proposed names, the composed form of decomposed names,
--   and keys with noncurrent versions, of which only the current object matters; one row per bucket and key.
-- kept:    no
-- columns: source_bucket, key, is_any_wanted
WITH asked AS (
    SELECT source_bucket, proposed_key AS key, true AS is_any_wanted
    FROM facts.proposals
    WHERE proposed_key IS NOT NULL
    UNION ALL
    SELECT source_bucket, nfc_normalize(key), true
    FROM facts.unjudged
    WHERE strlen(key) > length(key) AND key <> nfc_normalize(key)
    UNION ALL
    SELECT source_bucket, key, false
    FROM facts.old_versions
    WHERE size_bytes > 0
)

SELECT source_bucket, key, bool_or(is_any_wanted) AS is_any_wanted
FROM asked
GROUP BY source_bucket, key
