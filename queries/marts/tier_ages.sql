-- purpose: Age of what is stored, by class and tier; one row per bucket, device, kind, class, tier and age band.
-- columns: source_bucket, device_id, kind, storage_class, access_tier, age_band, object_count, size_bytes
SELECT
    cells.source_bucket,
    cells.device_id,
    cells.kind,
    cells.storage_class,
    cells.access_tier,
    CASE
        WHEN cells.uploaded_on IS NULL THEN 'unknown'
        WHEN to_local(reports.report_at)::DATE - cells.uploaded_on < 30 THEN 'under_30_days'
        WHEN to_local(reports.report_at)::DATE - cells.uploaded_on < 90 THEN 'from_30_days'
        WHEN to_local(reports.report_at)::DATE - cells.uploaded_on < 180 THEN 'from_90_days'
        WHEN to_local(reports.report_at)::DATE - cells.uploaded_on < 365 THEN 'from_180_days'
        ELSE 'from_365_days'
    END AS age_band,
    sum(cells.object_count)::BIGINT AS object_count,
    sum(cells.size_bytes)::BIGINT AS size_bytes
FROM facts.cells AS cells
JOIN staging.reports AS reports USING (report_no)
WHERE cells.cut = 'day'
GROUP BY ALL
