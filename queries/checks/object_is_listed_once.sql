-- purpose: No report lists the same version of the same key twice; one row per report that does.
-- title:   An inventory report lists objects twice
-- code:    DUPLICATE_ROWS
-- columns: subject, expected, found
WITH hashed AS (
    SELECT report_no, hash(source_bucket, key, version_id) AS object_hash, count(*) AS listed_count
    FROM staging.objects
    GROUP BY ALL
    HAVING count(*) > 1
)

SELECT reports.source_bucket || '/' || reports.config_id AS subject, 'each object once' AS expected,
    sum(hashed.listed_count - 1) || ' rows too many' AS found
FROM hashed
JOIN staging.reports AS reports USING (report_no)
GROUP BY ALL
