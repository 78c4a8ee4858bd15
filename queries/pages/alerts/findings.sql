-- purpose: Every finding of every alert rule, the gravest first; one row per finding.
-- params:  rule=NULL
-- columns: rule_id, title, severity, subject, device_id, size_bytes, occurred_at, reason, remedy
SELECT rule_id, title, severity, subject, device_id, size_bytes, occurred_at, reason, remedy
FROM alerts.findings
WHERE $rule IS NULL OR rule_id = $rule
ORDER BY list_position(['critical', 'high', 'medium', 'low'], severity), rule_id, occurred_at DESC, subject
