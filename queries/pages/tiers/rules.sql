-- purpose: The lifecycle rules of the buckets; one row per rule and action, with what it moves or deletes within 90
--   days. `deed` and `state` are phrases of the dashboard, `deed` with placeholders for `after_days`, `on_date` and
--   `to_class`; `applies_to`, `condition_text` and `rule_id` are foreign text.
-- columns: deed, after_days, on_date, to_class, versions_kept, applies_to, condition_text, state, due_bytes,
--   rule_id
SELECT
    CASE
        WHEN rules.action = 'transition' AND rules.on_date IS NOT NULL THEN 'On {day}: move to {to_class}'
        WHEN rules.action = 'transition' THEN '{days} after upload: move to {to_class}'
        WHEN rules.action = 'expiration' AND rules.on_date IS NOT NULL THEN 'On {day}: delete'
        WHEN rules.action = 'expiration' THEN '{days} after upload: delete'
        WHEN rules.action = 'noncurrent_transition'
            THEN '{days} after replacement: move older versions to {to_class}'
        WHEN rules.action = 'noncurrent_expiration' THEN '{days} after replacement: delete older versions'
        WHEN rules.action = 'abort_upload' THEN '{days} after the start: drop unfinished uploads'
        WHEN rules.action = 'expire_marker' THEN 'When no version is left: remove delete markers'
        ELSE 'An action this dashboard does not know'
    END AS deed,
    rules.after_days,
    rules.on_date,
    rules.to_class,
    coalesce(rules.newer_noncurrent_versions::VARCHAR, '') AS versions_kept,
    's3://' || rules.source_bucket || '/' || coalesce(rules.prefix, '') || '*' AS applies_to,
    concat_ws(
        ', ',
        nullif(rules.tag_filter, ''),
        '> ' || rules.size_over_bytes || ' B',
        '< ' || rules.size_under_bytes || ' B'
    ) AS condition_text,
    CASE rules.note
        WHEN '' THEN 'Counted'
        WHEN 'disabled' THEN 'Switched off'
        WHEN 'needs_tags' THEN 'Not counted: tag filter'
        WHEN 'deep_prefix' THEN 'Not counted: deep folder'
        WHEN 'size_filter' THEN 'Not counted: size filter'
        WHEN 'not_current' THEN 'Not counted: not current objects'
        ELSE rules.note
    END AS state,
    CASE
        WHEN rules.is_evaluated THEN (
            SELECT coalesce(sum(moves.size_bytes), 0)::BIGINT
            FROM marts.lifecycle_moves AS moves
            WHERE moves.source_bucket = rules.source_bucket
              AND moves.rule_id = rules.rule_id
              AND moves.to_class = CASE WHEN rules.action = 'expiration' THEN 'EXPIRED' ELSE rules.to_class END
              AND moves.due_band <> 'later'
        )
    END AS due_bytes,
    rules.rule_id
FROM marts.lifecycle_rules AS rules
ORDER BY
    rules.source_bucket, rules.prefix, rules.rule_id, rules.action, rules.after_days, rules.on_date, rules.to_class
