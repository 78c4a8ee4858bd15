-- purpose: Every finding of a snapshot as the worklist takes it over; one row per finding. Where one rule names a
--   subject more than once (a key in two buckets), that is one finding with the sizes together;
--   NULL is no size, or one that no report tells.
--   Times are text, as the journal keeps them (UTC).
-- columns: finding_id, rule_id, device_id, subject, size_bytes, occurred_at, reason
SELECT
    finding_id,
    any_value(rule_id) AS rule_id,
    min(device_id) AS device_id,
    any_value(subject) AS subject,
    sum(size_bytes)::BIGINT AS size_bytes,
    strftime(max(occurred_at), '%Y-%m-%dT%H:%M:%S.%fZ') AS occurred_at,
    min(reason) AS reason
FROM alerts.findings
GROUP BY finding_id
ORDER BY finding_id
