-- purpose: The findings of every rule or of one, the most severe and newest first; one row per finding. What a reason
--   counts (days, parts, images) stands apart from its words, so that the words can be translated.
-- params:  devices=NULL, rule=NULL, row_limit=50, row_offset=0
-- columns: severity, title, subject, device_id, finding_reason, reason_count, size_bytes, occurred_at, total_count
WITH chosen AS NOT MATERIALIZED (
    SELECT *
    FROM alerts.findings
    WHERE ($devices IS NULL OR list_contains($devices, device_id))
      AND ($rule IS NULL OR rule_id = $rule)
)

SELECT
    severity,
    title,
    subject,
    device_id,
    CASE
        WHEN regexp_matches(reason, '^[0-9]') THEN rule_id
        ELSE reason
    END AS finding_reason,
    try_cast(nullif(regexp_extract(reason, '^[0-9]+'), '') AS BIGINT) AS reason_count,
    size_bytes,
    occurred_at,
    (SELECT count(*) FROM chosen) AS total_count
FROM chosen
ORDER BY
    list_position(['critical', 'high', 'medium', 'low'], severity), occurred_at DESC NULLS FIRST, rule_id, subject
LIMIT $row_limit OFFSET $row_offset
