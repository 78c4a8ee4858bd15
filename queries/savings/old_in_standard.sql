-- purpose: Objects uploaded 90 days ago or earlier and still in Standard; one row per bucket, device, class, tier and
--   standing. Old is not unread.
-- place:   10
-- title:   Move old images to cheaper storage
-- action:  none
-- deed:    Find out first which images are read: from the bucket's access logs, or by letting S3 watch each of them
--   (lifecycle transition to Intelligent-Tiering, whose access tier stands in the inventory).
-- risk:    What is read after all costs more in cheaper storage than it saves, and a statutory record in an archive
--   (Glacier) is not readable promptly.
-- basis:   No evidence: the list of S3 (inventory report) does not say when an object was last read, only when it was
--   uploaded.
-- columns: source_bucket, device_id, storage_class, access_tier, to_class, to_tier, standing, object_count, size_bytes,
--   billed_bytes, byte_days, days_left
SELECT
    source_bucket,
    device_id,
    storage_class,
    access_tier,
    '' AS to_class,
    '' AS to_tier,
    CASE
        WHEN EXISTS (
            SELECT 1 FROM marts.lifecycle_rules AS rules
            WHERE rules.action = 'transition' AND rules.is_evaluated
              AND rules.source_bucket = cells.source_bucket AND starts_with(cells.prefix || '/', rules.prefix)
        ) THEN 'in_hand'
        ELSE 'no_evidence'
    END AS standing,
    sum(object_count)::BIGINT AS object_count,
    sum(size_bytes)::BIGINT AS size_bytes,
    sum(billed_bytes)::BIGINT AS billed_bytes,
    0::DECIMAL(38, 0) AS byte_days,
    0 AS days_left
FROM facts.kept_cells AS cells
WHERE storage_class = 'STANDARD' AND NOT is_small
  AND uploaded_on <= (SELECT to_local(max(report_at))::DATE - 90 FROM staging.reports WHERE is_current)
GROUP BY ALL
