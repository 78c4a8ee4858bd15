-- purpose: Current images by name verdict ('' = good name); one row per device, unit, month and reason.
-- columns: device_id, unit_id, month, reason, object_count, size_bytes
SELECT
    cells.device_id,
    cells.unit_id,
    date_trunc(
        'month', coalesce(try_strptime(nullif(cells.captured_day, ''), '%Y%m%d'), cells.uploaded_on)
    )::DATE AS month,
    coalesce(misnamed.reason, '') AS reason,
    sum(cells.object_count)::BIGINT AS object_count,
    sum(cells.size_bytes)::BIGINT AS size_bytes
FROM facts.cells AS cells
LEFT JOIN facts.misnamed AS misnamed
    ON
        misnamed.source_bucket = cells.source_bucket
        AND misnamed.key = cells.noted_key
        AND misnamed.version_id = cells.noted_version_id
WHERE cells.cut = 'day' AND cells.kind = 'image'
GROUP BY ALL
