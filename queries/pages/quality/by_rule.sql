-- purpose: Open findings by rule, the most severe first, with their bytes by class and tier; one row per rule with
--   findings.
-- params:  devices=NULL
-- columns: rule_id, severity, title, finding_count, size_bytes, stored, newest_at, remedy
WITH bytes AS (
    SELECT
        rule_id,
        storage_class,
        access_tier,
        sum(object_count)::BIGINT AS object_count,
        sum(billed_bytes)::BIGINT AS billed_bytes,
        sum(byte_days)::BIGINT AS byte_days
    FROM alerts.stakes
    WHERE ($devices IS NULL OR list_contains($devices, device_id))
    GROUP BY ALL
),

stored AS (
    SELECT
        rule_id,
        list(struct_pack(
            storage_class := storage_class, access_tier := access_tier, object_count := object_count,
            billed_bytes := billed_bytes, byte_days := byte_days
        )) AS stored
    FROM bytes
    GROUP BY rule_id
)

SELECT
    counts.rule_id,
    counts.severity,
    counts.title,
    sum(counts.finding_count)::BIGINT AS finding_count,
    sum(counts.size_bytes)::BIGINT AS size_bytes,
    any_value(stored.stored) AS stored,
    max(counts.newest_at) AS newest_at,
    counts.remedy
FROM alerts.counts AS counts
LEFT JOIN stored ON stored.rule_id = counts.rule_id
WHERE ($devices IS NULL OR list_contains($devices, counts.device_id))
GROUP BY counts.rule_id, counts.severity, counts.title, counts.remedy
ORDER BY list_position(['critical', 'high', 'medium', 'low'], counts.severity), finding_count DESC, counts.rule_id
