-- purpose: The newest reading of each object's tags; one row per object version.
-- columns: source_bucket, key, version_id, e_tag, tags, read_at
SELECT source_bucket, key, coalesce(version_id, '') AS version_id, coalesce(e_tag, '') AS e_tag, tags,
    read_at::TIMESTAMP AS read_at
FROM raw.tags
QUALIFY row_number() OVER (PARTITION BY source_bucket, key, version_id ORDER BY read_at DESC) = 1
