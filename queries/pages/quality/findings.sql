-- purpose: The findings of every rule or of one, the most severe and newest first; one row per finding. What a reason
--   counts (days, parts, images) stands apart from its words, so that the words can be translated. Age is since it
--   happened. `stored` are the bytes by class and tier, for their price; `total_stored` those of all rows. Ids of findings are separated
--   by spaces: as one text 100,000 of them are bound at once. "Other" ones are all but those.
-- params:  devices=NULL, rule=NULL, severities=NULL, ages=NULL, finding_ids=NULL, other_finding_ids=NULL, row_limit=50,
--   row_offset=0
-- columns: finding_id, severity, title, subject, device_id, finding_reason, reason_count, age_days, size_bytes,
--   occurred_at, stored, total_stored, total_count
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

-- Bytes of which no class is known are in class ''.
bytes AS (
    SELECT
        stored.storage_class,
        stored.access_tier,
        sum(stored.object_count)::BIGINT AS object_count,
        sum(stored.billed_bytes)::BIGINT AS billed_bytes,
        sum(stored.byte_days)::BIGINT AS byte_days
    FROM (SELECT unnest(stored) AS stored FROM chosen)
    GROUP BY ALL
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
        WHEN ends_with(leaf.reason, ' together') THEN 'together'
        WHEN regexp_matches(leaf.reason, '^[0-9]') THEN leaf.rule_id
        ELSE leaf.reason
    END AS finding_reason,
    try_cast(nullif(regexp_extract(leaf.reason, '^[0-9]+'), '') AS BIGINT) AS reason_count,
    leaf.age_days,
    leaf.size_bytes,
    leaf.occurred_at,
    leaf.stored,
    (SELECT list(bytes) FROM bytes) AS total_stored,
    (SELECT count(*) FROM chosen) AS total_count
FROM leaf
ORDER BY
    list_position(['critical', 'high', 'medium', 'low'], leaf.severity), leaf.occurred_at DESC NULLS FIRST, leaf.rule_id,
    leaf.subject
