-- purpose: The lifecycle rules of the source buckets as they were last read; one row per rule and action.
-- columns: source_bucket, rule_id, status, prefix, tag_filter, size_over_bytes, size_under_bytes, action, after_days,
--   on_date, to_class, newer_noncurrent_versions
SELECT
    source_bucket,
    rule.rule_id AS rule_id,
    rule.status AS status,
    coalesce(rule.prefix, '') AS prefix,
    coalesce(rule.tags, MAP {}) AS tag_filter,
    rule.size_over_bytes AS size_over_bytes,
    rule.size_under_bytes AS size_under_bytes,
    rule.action AS action,
    rule.after_days AS after_days,
    try_cast(rule.on_date AS DATE) AS on_date,
    coalesce(rule.to_class, '') AS to_class,
    rule.newer_noncurrent_versions AS newer_noncurrent_versions
FROM (SELECT source_bucket, unnest(rules) AS rule FROM raw.lifecycle)
