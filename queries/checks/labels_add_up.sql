-- purpose: Every labelled image that the label sources were matched to is in the coverage, and no group has more labelled
--   images than images.
-- title:   The label coverage does not add up to the labels
-- columns: subject, expected, found
WITH matched AS (
    SELECT coalesce(sum(matches.label_count), 0) AS image_count
    FROM facts.label_matches AS matches
    JOIN facts.label_verdicts AS verdicts USING (source_no, cell)
    WHERE matches.state = 'current' AND NOT matches.is_shared AND verdicts.is_labelled
),

labelled AS (
    SELECT matched.image_count + (SELECT count(*) FROM facts.label_merged WHERE is_labelled) AS image_count
    FROM matched
),

covered AS (SELECT coalesce(sum(labelled_count), 0) AS image_count FROM marts.label_coverage)

SELECT 'label_coverage' AS subject, labelled.image_count::VARCHAR AS expected, covered.image_count::VARCHAR AS found
FROM labelled
CROSS JOIN covered
WHERE labelled.image_count <> covered.image_count
UNION ALL
SELECT
    concat_ws('/', device_id, unit_id, month) AS subject,
    'at most ' || image_count || ' images' AS expected,
    labelled_count || ' labelled' AS found
FROM marts.label_coverage
WHERE least(labelled_count, unlabelled_count, unread_count) < 0
