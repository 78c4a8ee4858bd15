-- purpose: Label coverage of current images; one row per device, unit and month. Empty without a label source. An image
--   that is not labelled and whose own tags were never read in its present form is unread.
-- params:  is_configured
-- columns: device_id, unit_id, month, image_count, labelled_count, unlabelled_count, unread_count,
--   unlabelled_size_bytes
WITH images AS (
    SELECT
        source_bucket,
        device_id,
        unit_id,
        date_trunc('month', coalesce(try_strptime(nullif(captured_day, ''), '%Y%m%d'), uploaded_on))::DATE AS month,
        sum(object_count)::BIGINT AS image_count,
        sum(size_bytes)::BIGINT AS size_bytes
    FROM facts.cells
    WHERE $is_configured AND cut = 'day' AND kind = 'image'
    GROUP BY ALL
),

known AS (
    SELECT verdicts.source_bucket, verdicts.device_id, verdicts.unit_id, matches.month, verdicts.is_labelled,
        sources.is_per_object AS is_read, matches.label_count AS image_count, matches.size_bytes
    FROM facts.label_matches AS matches
    JOIN facts.label_verdicts AS verdicts USING (source_no, cell)
    JOIN raw.label_sources AS sources USING (source_no)
    WHERE matches.state = 'current' AND NOT matches.is_shared
    UNION ALL
    SELECT source_bucket, device_id, unit_id, month, is_labelled, is_read, 1, size_bytes
    FROM facts.label_merged
),

counted AS (
    SELECT
        source_bucket,
        device_id,
        unit_id,
        month,
        sum(image_count) FILTER (is_labelled) AS labelled_count,
        sum(size_bytes) FILTER (is_labelled) AS labelled_size_bytes,
        sum(image_count) FILTER (NOT is_labelled AND is_read) AS read_count,
        sum(size_bytes) FILTER (NOT is_labelled AND is_read) AS read_size_bytes
    FROM known
    GROUP BY ALL
),

-- Where a source reads each object by itself, or was never read at all, or where none speaks about the bucket, silence
-- is no answer yet.
judged AS (
    SELECT
        images.device_id,
        images.unit_id,
        images.month,
        images.image_count,
        images.size_bytes,
        coalesce(counted.labelled_count, 0) AS labelled_count,
        coalesce(counted.labelled_size_bytes, 0) AS labelled_size_bytes,
        coalesce(counted.read_count, 0) AS read_count,
        coalesce(counted.read_size_bytes, 0) AS read_size_bytes,
        EXISTS (
            SELECT 1
            FROM raw.label_sources AS sources
            WHERE
                (sources.is_per_object OR NOT sources.is_read)
                AND (sources.buckets = [] OR list_contains(sources.buckets, images.source_bucket))
        ) OR NOT EXISTS (SELECT 1 FROM raw.label_sources WHERE NOT is_per_object AND is_read) AS is_asked
    FROM images
    LEFT JOIN counted
        ON
            counted.source_bucket = images.source_bucket
            AND counted.device_id = images.device_id
            AND counted.unit_id = images.unit_id
            AND counted.month IS NOT DISTINCT FROM images.month
)

SELECT
    device_id,
    unit_id,
    month,
    sum(image_count)::BIGINT AS image_count,
    sum(labelled_count)::BIGINT AS labelled_count,
    sum(CASE WHEN is_asked THEN read_count ELSE image_count - labelled_count END)::BIGINT AS unlabelled_count,
    sum(CASE WHEN is_asked THEN image_count - labelled_count - read_count ELSE 0 END)::BIGINT AS unread_count,
    sum(CASE WHEN is_asked THEN read_size_bytes ELSE size_bytes - labelled_size_bytes END)::BIGINT
        AS unlabelled_size_bytes
FROM judged
GROUP BY ALL
ORDER BY device_id, unit_id, month
