-- purpose: Keys about which a rule must know whether they exist: proposed names, and the composed form of decomposed
--   names; one row per bucket and key.
-- kept:    no
-- columns: source_bucket, key
SELECT source_bucket, proposed_key AS key
FROM facts.proposals
WHERE proposed_key IS NOT NULL
UNION
SELECT source_bucket, nfc_normalize(key)
FROM facts.unjudged
WHERE strlen(key) > length(key) AND key <> nfc_normalize(key)
