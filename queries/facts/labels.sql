-- purpose: What is known of each object's tags and whether they make a label; one row per object version read.
-- columns: source_bucket, key, version_id, e_tag, tags, is_labelled, read_at
SELECT
    source_bucket,
    key,
    version_id,
    e_tag,
    tags,
    EXISTS (
        SELECT 1 FROM raw.label_sources AS sources
        WHERE
            (sources.buckets = [] OR list_contains(sources.buckets, source_bucket))
            AND len(list_filter(sources.required_tags, lambda name: coalesce(tags[name], '') = '')) = 0
    ) AS is_labelled,
    read_at
FROM staging.tags
