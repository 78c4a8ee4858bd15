-- purpose: What the rules in force will move or delete next, at midnight UTC after the age is reached; one row per
--   bucket, rule, device, class and due band. Objects below 128 KiB stay where they are.
-- columns: source_bucket, rule_id, device_id, kind, from_class, to_class, due_band, object_count, size_bytes
WITH ladder AS (
    SELECT * FROM (VALUES
        ('STANDARD', 0), ('REDUCED_REDUNDANCY', 0), ('STANDARD_IA', 1), ('INTELLIGENT_TIERING', 2), ('ONEZONE_IA', 3),
        ('GLACIER_IR', 4), ('GLACIER', 5), ('DEEP_ARCHIVE', 6), ('EXPIRED', 9)
    ) AS steps (class_id, step)
),

rules AS (
    SELECT source_bucket, rule_id, prefix, after_days, on_date,
        CASE WHEN action = 'expiration' THEN 'EXPIRED' ELSE to_class END AS to_class
    FROM marts.lifecycle_rules
    WHERE is_evaluated AND (after_days IS NOT NULL OR on_date IS NOT NULL)
),

objects AS (
    SELECT source_bucket, device_id, kind, storage_class, prefix, is_small, uploaded_on,
        sum(object_count)::BIGINT AS object_count, sum(size_bytes)::BIGINT AS size_bytes
    FROM facts.cells
    WHERE cut = 'day' AND kind NOT IN ('noncurrent_version', 'delete_marker')
    GROUP BY ALL
),

due AS (
    SELECT
        objects.*,
        rules.rule_id,
        rules.to_class,
        coalesce(rules.on_date, objects.uploaded_on + rules.after_days::INTEGER + 1)
            - (SELECT max(report_at)::DATE FROM staging.reports WHERE is_current) AS due_in_days
    FROM objects
    JOIN rules ON
        rules.source_bucket = objects.source_bucket AND starts_with(objects.prefix || '/', rules.prefix)
    JOIN ladder AS present ON present.class_id = objects.storage_class
    JOIN ladder AS target ON target.class_id = rules.to_class AND target.step > present.step
    WHERE rules.to_class = 'EXPIRED' OR NOT objects.is_small
    QUALIFY row_number() OVER (
        PARTITION BY objects.source_bucket, objects.device_id, objects.kind, objects.storage_class, objects.prefix,
            objects.is_small, objects.uploaded_on
        ORDER BY due_in_days, target.step DESC
    ) = 1
)

SELECT
    source_bucket,
    rule_id,
    device_id,
    kind,
    storage_class AS from_class,
    to_class,
    CASE
        WHEN due_in_days <= 7 THEN 'within_7_days'
        WHEN due_in_days <= 30 THEN 'within_30_days'
        WHEN due_in_days <= 90 THEN 'within_90_days'
        ELSE 'later'
    END AS due_band,
    sum(object_count)::BIGINT AS object_count,
    sum(size_bytes)::BIGINT AS size_bytes
FROM due
GROUP BY ALL
