-- purpose: The lifecycle rules in force; one row per rule and action. What cannot be counted from marts.storage is
--   shown with the reason in `note` (disabled, needs_tags, deep_prefix, size_filter, not_current).
-- columns: source_bucket, rule_id, status, prefix, tag_filter, size_over_bytes, size_under_bytes, action, after_days,
--   on_date, to_class, newer_noncurrent_versions, note, is_evaluated
WITH noted AS (
    SELECT
        source_bucket,
        rule_id,
        status,
        prefix,
        array_to_string(
            list_transform(map_entries(tag_filter), lambda tag: tag.key || '=' || tag.value), ', '
        ) AS tag_filter,
        size_over_bytes,
        size_under_bytes,
        action,
        after_days,
        on_date,
        to_class,
        newer_noncurrent_versions,
        len(prefix) - len(replace(prefix, '/', '')) AS depth,
        CASE
            WHEN status <> 'Enabled' THEN 'disabled'
            WHEN cardinality(staging.lifecycle_rules.tag_filter) > 0 THEN 'needs_tags'
            WHEN depth > 2 OR (depth = 2 AND NOT ends_with(prefix, '/')) THEN 'deep_prefix'
            WHEN action NOT IN ('transition', 'expiration') THEN 'not_current'
            WHEN size_over_bytes IS NOT NULL OR size_under_bytes IS NOT NULL THEN 'size_filter'
            ELSE ''
        END AS note
    FROM staging.lifecycle_rules
)

SELECT
    source_bucket,
    rule_id,
    status,
    prefix,
    tag_filter,
    size_over_bytes,
    size_under_bytes,
    action,
    after_days,
    on_date,
    to_class,
    newer_noncurrent_versions,
    note,
    note = '' AS is_evaluated
FROM noted
ORDER BY source_bucket, rule_id, after_days
