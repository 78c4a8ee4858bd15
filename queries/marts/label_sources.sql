-- purpose: Every label source in the order of its precedence, with its age, price and what became of its rows; one row
--   per source. rows = labels + rows without a value + rows kept out (for tags: one row per object read).
-- columns: source_no, source_id, kind, location, is_per_object, buckets, as_of, read_at, is_read, is_complete, row_count, label_count,
--   no_value_count, set_aside_count, left_count, image_count, stale_count, orphan_count, conflict_count,
--   not_allowed_count, request_count, cost_usd, source_note, fault
WITH images AS (
    SELECT matches.source_no, matches.state, len(verdicts.bad_names) > 0 AS is_bad,
        matches.label_count * (cardinality(verdicts.class_tags) > 0)::INTEGER AS label_count
    FROM facts.label_matches AS matches
    JOIN facts.label_verdicts AS verdicts USING (source_no, cell)
),

counted AS (
    SELECT
        source_no,
        sum(label_count) FILTER (state = 'current') AS image_count,
        sum(label_count) FILTER (state IN ('other_version', 'other_content')) AS stale_count,
        sum(label_count) FILTER (state = 'orphan') AS orphan_count,
        sum(label_count) FILTER (state = 'current' AND is_bad) AS not_allowed_count
    FROM images
    GROUP BY source_no
),

listed AS (SELECT DISTINCT source_bucket FROM staging.reports WHERE is_current),

-- Sources whose labels all speak of buckets that no report lists, by what was read or by the settings.
lost AS (
    SELECT source_no
    FROM raw.label_cells
    GROUP BY source_no
    HAVING NOT bool_or(source_bucket IN (SELECT source_bucket FROM listed))
    UNION
    SELECT sources.source_no
    FROM raw.label_sources AS sources
    WHERE len(sources.buckets) > 0
      AND NOT EXISTS (SELECT 1 FROM listed WHERE list_contains(sources.buckets, listed.source_bucket))
),

conflicts AS (
    SELECT source_id, count(*) AS conflict_count
    FROM (SELECT unnest(source_ids) AS source_id FROM facts.label_merged WHERE len(conflict_names) > 0)
    GROUP BY source_id
)

SELECT
    sources.source_no,
    sources.source_id,
    sources.kind,
    sources.location,
    sources.is_per_object,
    sources.buckets,
    sources.as_of,
    sources.read_at,
    sources.is_read,
    sources.is_read AND sources.left_count = 0 AND sources.fault = '' AS is_complete,
    sources.row_count,
    sources.label_count,
    sources.no_value_count,
    sources.set_aside_count,
    sources.left_count,
    coalesce(counted.image_count, 0)::BIGINT AS image_count,
    CASE WHEN sources.is_per_object THEN 0 ELSE coalesce(counted.stale_count, 0) END::BIGINT AS stale_count,
    CASE WHEN sources.is_per_object THEN 0 ELSE coalesce(counted.orphan_count, 0) END::BIGINT AS orphan_count,
    coalesce(conflicts.conflict_count, 0)::BIGINT AS conflict_count,
    coalesce(counted.not_allowed_count, 0)::BIGINT AS not_allowed_count,
    sources.request_count,
    sources.cost_usd,
    CASE
        WHEN sources.source_no IN (SELECT source_no FROM lost) THEN 'bucket_not_listed'
        WHEN NOT sources.is_read THEN 'never_read'
        WHEN sources.fault <> '' THEN 'last_good_copy'
        ELSE ''
    END AS source_note,
    sources.fault
FROM raw.label_sources AS sources
LEFT JOIN counted USING (source_no)
LEFT JOIN conflicts USING (source_id)
ORDER BY sources.source_no
