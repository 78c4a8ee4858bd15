-- purpose: Images without a label, by device, unit and month; one row per group.
-- title:    Images without a label
-- severity: medium
-- remedy:   Label the images of this unit and month; "Labels and names" lists them.
-- columns:  subject, device_id, size_bytes, occurred_at, reason
SELECT
    concat_ws('/', device_id, nullif(unit_id, ''), strftime(month, '%Y-%m')) AS subject,
    device_id,
    unlabelled_size_bytes AS size_bytes,
    month::TIMESTAMP AS occurred_at,
    unlabelled_count || ' of ' || image_count AS reason
FROM marts.label_coverage
WHERE unlabelled_count > 0
ORDER BY occurred_at DESC, subject
