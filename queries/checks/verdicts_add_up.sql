-- purpose: Every current object is an image with a good name, an image with a bad name, or out of scope; and each bad
--   name is a finding of exactly one naming rule, unless that rule is off.
-- title:   The verdicts do not add up to the current objects
-- columns: subject, expected, found
WITH kinds AS (
    SELECT
        source_bucket,
        sum(object_count) FILTER (kind NOT IN ('noncurrent_version', 'delete_marker')) AS current_count,
        sum(object_count) FILTER (kind = 'image') AS image_count,
        sum(object_count) FILTER (kind IN ('junk', 'folder_marker', 'companion', 'derivative')) AS outside_count
    FROM marts.storage
    GROUP BY source_bucket
),

good AS (
    SELECT source_bucket, sum(object_count) AS object_count
    FROM facts.cells
    WHERE cut = 'day' AND kind = 'image' AND is_name_good
    GROUP BY source_bucket
),

bad AS (
    SELECT source_bucket, count(*) AS object_count FROM facts.misnamed GROUP BY source_bucket
),

judged AS (
    SELECT
        kinds.source_bucket,
        coalesce(kinds.current_count, 0)::BIGINT AS current_count,
        coalesce(kinds.image_count, 0)::BIGINT AS image_count,
        coalesce(good.object_count, 0)::BIGINT AS good_count,
        coalesce(bad.object_count, 0)::BIGINT AS bad_count,
        coalesce(kinds.outside_count, 0)::BIGINT AS outside_count
    FROM kinds
    LEFT JOIN good ON good.source_bucket = kinds.source_bucket
    LEFT JOIN bad ON bad.source_bucket = kinds.source_bucket
),

-- A naming rule is one whose findings bear its own name as the reason of a bad name.
reasons AS (
    SELECT counted.reason, counted.object_count, coalesce(said.object_count, 0) AS finding_count
    FROM (
        SELECT reason, sum(object_count)::BIGINT AS object_count FROM marts.quality WHERE reason <> '' GROUP BY reason
    ) AS counted
    LEFT JOIN (
        SELECT
            rule_id,
            sum(CASE WHEN reason = rule_id THEN 1 ELSE split_part(reason, ' ', 1)::BIGINT END) AS object_count
        FROM alerts.findings
        WHERE reason = rule_id OR ends_with(reason, ' together')
        GROUP BY rule_id
    ) AS said ON said.rule_id = counted.reason
)

SELECT
    source_bucket AS subject,
    current_count || ' current objects' AS expected,
    good_count || ' good + ' || bad_count || ' bad + ' || outside_count || ' out of scope' AS found
FROM judged
WHERE good_count + bad_count <> image_count OR image_count + outside_count <> current_count
UNION ALL
SELECT reason, object_count || ' findings', finding_count || ' findings'
FROM reasons
WHERE finding_count <> object_count AND reason NOT IN (SELECT rule_id FROM alerts.rules WHERE severity = 'off')
