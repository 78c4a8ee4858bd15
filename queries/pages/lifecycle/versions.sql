-- purpose: What lifecycle rules can tell apart among the noncurrent versions of a bucket, with the day on which each was
--   replaced and how many newer noncurrent ones its key has (up to 100); one row per combination. Scopes as in
--   lifecycle.lots.
-- params:  bucket='', prefixes=NULL, cuts=NULL, oldest_on=NULL
-- columns: device_id, storage_class, access_tier, scope_no, size_level, uploaded_on, replaced_on, newer_count,
--   object_count, size_bytes
WITH listed AS NOT MATERIALIZED (
    SELECT key, version_id, kind, device_id, storage_class, access_tier, size_bytes, size_band, uploaded_at
    FROM facts.objects
    WHERE source_bucket = $bucket
),

-- Only these keys have a line of versions; for all others there is nothing to put in order.
versions AS (
    SELECT
        *,
        lag(uploaded_at) OVER line AS replaced_at,
        row_number() OVER line - 2 AS newer_count
    FROM listed
    WHERE key IN (SELECT key FROM listed WHERE kind = 'noncurrent_version')
    WINDOW line AS (PARTITION BY key ORDER BY uploaded_at DESC, kind = 'noncurrent_version', version_id)
)

SELECT
    device_id,
    storage_class,
    coalesce(access_tier, '') AS access_tier,
    coalesce(
        list_position(list_transform($prefixes::VARCHAR[], lambda prefix: starts_with(key, prefix)), true), 0
    )::INTEGER AS scope_no,
    CASE
        WHEN known_size(size_bytes, size_band) IS NOT NULL
            THEN coalesce(len(list_filter($cuts::BIGINT[], lambda cut: size_bytes >= cut)), 0)::INTEGER
    END AS size_level,
    CASE WHEN uploaded_at IS NOT NULL THEN greatest(uploaded_at::DATE, $oldest_on::DATE) END AS uploaded_on,
    CASE WHEN replaced_at IS NOT NULL THEN greatest(replaced_at::DATE, $oldest_on::DATE) END AS replaced_on,
    least(greatest(newer_count, 0), 100)::INTEGER AS newer_count,
    count(*) AS object_count,
    coalesce(sum(size_bytes), 0)::BIGINT AS size_bytes
FROM versions
WHERE kind = 'noncurrent_version'
GROUP BY ALL
