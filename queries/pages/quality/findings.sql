-- purpose: The findings of every rule or of one, the most severe and newest first; one row per finding. What a reason
--   counts (days, parts, images) stands apart from its words, so that the words can be translated. Age is since it
--   happened. Class and billed bytes (for the price) are known for a misnamed image only. Ids of findings are separated
--   by spaces: as one text 100,000 of them are bound at once. "Other" ones are all but those.
-- params:  devices=NULL, rule=NULL, severities=NULL, ages=NULL, finding_ids=NULL, other_finding_ids=NULL, row_limit=50,
--   row_offset=0
-- columns: finding_id, severity, title, subject, device_id, finding_reason, reason_count, age_days, size_bytes,
--   occurred_at, storage_class, billed_bytes, total_count
WITH ids AS MATERIALIZED (SELECT unnest(string_split($finding_ids, ' ')) AS finding_id),

other_ids AS MATERIALIZED (SELECT unnest(string_split($other_finding_ids, ' ')) AS finding_id),

aged AS NOT MATERIALIZED (
    SELECT
        findings.*,
        greatest(date_diff('day', findings.occurred_at, snapshot.report_at), 0) AS age_days
    FROM alerts.findings AS findings, meta.snapshot AS snapshot
),

chosen AS NOT MATERIALIZED (
    SELECT *
    FROM aged
    WHERE ($devices IS NULL OR list_contains($devices, device_id))
      AND ($rule IS NULL OR rule_id = $rule)
      AND ($severities IS NULL OR list_contains($severities, severity))
      AND ($finding_ids IS NULL OR finding_id IN (SELECT finding_id FROM ids))
      AND ($other_finding_ids IS NULL OR finding_id NOT IN (SELECT finding_id FROM other_ids))
      AND ($ages IS NULL OR list_contains($ages, CASE
          WHEN age_days < 7 THEN 'under_7_days'
          WHEN age_days < 30 THEN 'under_30_days'
          WHEN age_days < 90 THEN 'under_90_days'
          WHEN age_days >= 90 THEN 'from_90_days'
      END))
),

leaf AS (
    SELECT *
    FROM chosen
    ORDER BY
        list_position(['critical', 'high', 'medium', 'low'], severity), occurred_at DESC NULLS FIRST, rule_id, subject
    LIMIT $row_limit OFFSET $row_offset
)

SELECT
    leaf.finding_id,
    leaf.severity,
    leaf.title,
    leaf.subject,
    leaf.device_id,
    CASE
        WHEN regexp_matches(leaf.reason, '^[0-9]') THEN leaf.rule_id
        ELSE leaf.reason
    END AS finding_reason,
    try_cast(nullif(regexp_extract(leaf.reason, '^[0-9]+'), '') AS BIGINT) AS reason_count,
    leaf.age_days,
    leaf.size_bytes,
    leaf.occurred_at,
    misnamed.storage_class,
    CASE
        WHEN misnamed.storage_class IN ('STANDARD_IA', 'ONEZONE_IA', 'GLACIER_IR') THEN greatest(leaf.size_bytes, 131072)
        WHEN misnamed.storage_class IS NOT NULL THEN leaf.size_bytes
    END AS billed_bytes,
    (SELECT count(*) FROM chosen) AS total_count
FROM leaf
LEFT JOIN facts.misnamed AS misnamed ON misnamed.subject = leaf.subject AND misnamed.reason = leaf.rule_id
ORDER BY
    list_position(['critical', 'high', 'medium', 'low'], leaf.severity), leaf.occurred_at DESC NULLS FIRST, leaf.rule_id,
    leaf.subject
