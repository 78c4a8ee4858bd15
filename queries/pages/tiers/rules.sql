-- purpose: The lifecycle rules of the buckets; one row per rule and action, with what it moves within 90 days.
-- columns: source_bucket, rule_id, prefix, tag_filter, size_over_bytes, size_under_bytes, action, after_days, on_date,
--   to_class, newer_noncurrent_versions, note, is_evaluated, moving_bytes
SELECT
    rules.source_bucket,
    rules.rule_id,
    rules.prefix,
    rules.tag_filter,
    rules.size_over_bytes,
    rules.size_under_bytes,
    rules.action,
    rules.after_days,
    rules.on_date,
    rules.to_class,
    rules.newer_noncurrent_versions,
    rules.note,
    rules.is_evaluated,
    CASE
        WHEN rules.is_evaluated THEN (
            SELECT coalesce(sum(moves.size_bytes), 0)::BIGINT
            FROM marts.lifecycle_moves AS moves
            WHERE moves.source_bucket = rules.source_bucket
              AND moves.rule_id = rules.rule_id
              AND moves.to_class = CASE WHEN rules.action = 'expiration' THEN 'EXPIRED' ELSE rules.to_class END
              AND moves.due_band <> 'later'
        )
    END AS moving_bytes
FROM marts.lifecycle_rules AS rules
ORDER BY rules.source_bucket, rules.prefix, rules.rule_id, rules.action, rules.after_days, rules.to_class
