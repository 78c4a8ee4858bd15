-- purpose: Open findings by rule, the most severe first; one row per rule with findings.
-- params:  devices=NULL
-- columns: rule_id, severity, title, finding_count, size_bytes, newest_at, remedy
SELECT
    rule_id,
    severity,
    title,
    sum(finding_count)::BIGINT AS finding_count,
    sum(size_bytes)::BIGINT AS size_bytes,
    max(newest_at) AS newest_at,
    remedy
FROM alerts.counts
WHERE ($devices IS NULL OR list_contains($devices, device_id))
GROUP BY rule_id, severity, title, remedy
ORDER BY list_position(['critical', 'high', 'medium', 'low'], severity), finding_count DESC, rule_id
