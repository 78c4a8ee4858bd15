-- purpose: What lies under a name or under one that looks the same: equal but for case and the way accents are written;
--   one row per wanted name and key, old versions and delete markers included.
-- params:  keys=NULL
-- columns: source_bucket, wanted_key, key
WITH wanted AS (
    SELECT DISTINCT name AS wanted_key, lower(nfc_normalize(name)) AS folded
    FROM (SELECT unnest($keys::VARCHAR[]) AS name) AS names
)

SELECT DISTINCT objects.source_bucket, wanted.wanted_key, objects.key
FROM facts.objects AS objects
JOIN wanted ON wanted.folded = lower(nfc_normalize(objects.key))
