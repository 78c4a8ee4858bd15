-- purpose: No report lists the same version of the same key twice; one row per report that does.
-- title:   An inventory report lists objects twice
-- code:    DUPLICATE_ROWS
-- columns: subject, expected, found
--
-- The report's number goes into the hash: grouping by one number is a fifth faster than by two.
WITH hashed AS (
    SELECT
        hash(report_no, key, version_id) AS object_hash,
        min(report_no) AS report_no,
        count(*) AS listed_count,
        any_value(key) AS key
    FROM staging.objects
    GROUP BY object_hash
    HAVING count(*) > 1
)

SELECT reports.source_bucket || '/' || reports.config_id AS subject, 'each object once' AS expected,
    sum(hashed.listed_count - 1) || ' rows too many, such as ' || min(hashed.key) AS found
FROM hashed
JOIN staging.reports AS reports USING (report_no)
GROUP BY ALL
