-- purpose: Objects that a lifecycle rule in force moves or deletes in the next 30 days, before the shortest billed time
--   of their class is over; one row per bucket, device, class, tier and new class. `byte_days` are the days that are
--   billed all the same; a class counts from upload, so more are left of objects that moved to it later.
-- place:   11
-- title:   Let rules wait for the minimum time
-- action:  change_rule
-- deed:    Let the rule wait until the shortest time that its storage bills is over (Days of the lifecycle rule: at
--   least the class's minimum days after the day on which objects enter it).
-- risk:    None to the images. A rule that runs too early saves nothing until the minimum time is over.
-- basis:   The rules in force (lifecycle) and the days of upload in the newest list of S3 (inventory report).
-- columns: source_bucket, device_id, storage_class, access_tier, to_class, to_tier, standing, object_count, size_bytes,
--   billed_bytes, byte_days, days_left
WITH rules AS (
    SELECT source_bucket, prefix, after_days, on_date, CASE WHEN action = 'expiration' THEN '' ELSE to_class END AS to_class
    FROM marts.lifecycle_rules
    WHERE is_evaluated AND (after_days IS NOT NULL OR on_date IS NOT NULL)
),

ladder AS (
    SELECT * FROM (VALUES
        ('STANDARD_IA', 1), ('ONEZONE_IA', 3), ('GLACIER_IR', 4), ('GLACIER', 5), ('DEEP_ARCHIVE', 6), ('', 9)
    ) AS steps (class_id, step)
),

due AS (
    SELECT
        cells.*,
        rules.to_class,
        coalesce(rules.on_date, cells.uploaded_on + rules.after_days::INTEGER + 1)
            - (SELECT max(report_at)::DATE FROM staging.reports WHERE is_current) AS due_in_days
    FROM facts.kept_cells AS cells
    JOIN rules ON
        rules.source_bucket = cells.source_bucket AND starts_with(cells.prefix || '/', rules.prefix)
    JOIN ladder AS present ON present.class_id = cells.storage_class
    JOIN ladder AS target ON target.class_id = rules.to_class AND target.step > present.step
    WHERE cells.days_left > 0 AND (rules.to_class = '' OR NOT cells.is_small)
    QUALIFY row_number() OVER (
        PARTITION BY cells.source_bucket, cells.device_id, cells.kind, cells.storage_class, cells.access_tier, cells.prefix,
            cells.is_small, cells.uploaded_on
        ORDER BY due_in_days, target.step DESC
    ) = 1
)

SELECT
    source_bucket,
    device_id,
    storage_class,
    access_tier,
    to_class,
    '' AS to_tier,
    'exposed' AS standing,
    sum(object_count)::BIGINT AS object_count,
    sum(size_bytes)::BIGINT AS size_bytes,
    sum(billed_bytes)::BIGINT AS billed_bytes,
    sum(billed_bytes::DECIMAL(38, 0) * (days_left - greatest(due_in_days, 0)))::DECIMAL(38, 0) AS byte_days,
    max(days_left - greatest(due_in_days, 0))::INTEGER AS days_left
FROM due
WHERE due_in_days <= 30 AND greatest(due_in_days, 0) < days_left
GROUP BY ALL
