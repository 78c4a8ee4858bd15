-- purpose: What lifecycle rules can tell apart among the current objects of a bucket; one row per combination. A scope
--   is the place of the first of `prefixes` (longest first) that the key begins with, 0 for none; all others it begins with
--   begin this one. A size level is how many of `cuts` the size reaches. Days before `oldest_on` are that day. An unknown
--   day is NULL, and so is the level of an unknown size.
-- params:  bucket='', prefixes=NULL, cuts=NULL, oldest_on=NULL
-- columns: device_id, storage_class, access_tier, scope_no, size_level, uploaded_on, object_count, size_bytes,
--   has_versions
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
    count(*) AS object_count,
    coalesce(sum(size_bytes), 0)::BIGINT AS size_bytes,
    coalesce(bool_or(version_id <> ''), false) AS has_versions
FROM facts.objects
WHERE source_bucket = $bucket AND kind NOT IN ('noncurrent_version', 'delete_marker')
GROUP BY ALL
