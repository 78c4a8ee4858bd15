-- purpose: The alert rules with what they found; one row per rule, those without findings included.
-- columns: rule_id, title, severity, remedy, finding_count, size_bytes
SELECT rules.rule_id, rules.title, rules.severity, rules.remedy,
    coalesce(sum(counts.finding_count), 0)::BIGINT AS finding_count,
    coalesce(sum(counts.size_bytes), 0)::BIGINT AS size_bytes
FROM alerts.rules AS rules
LEFT JOIN alerts.counts AS counts USING (rule_id)
GROUP BY rules.rule_id, rules.title, rules.severity, rules.remedy
ORDER BY list_position(['critical', 'high', 'medium', 'low'], rules.severity), rules.rule_id
