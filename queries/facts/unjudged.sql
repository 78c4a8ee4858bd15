-- purpose: Current images whose name is no good one, before they are judged; one row per image. Whatever has these
--   columns can be judged: `rules try` puts a single key here.
-- kept:    no
-- columns: image_no, source_bucket, key, version_id, device_id, unit_id, storage_class, access_tier, extension,
--   size_bytes, uploaded_at, captured_day, month, reported_on
--
-- `month` is that of marts.quality, so that the list behind one of its numbers needs no look into the reports.
SELECT
    row_number() OVER ()::INTEGER AS image_no,
    cells.source_bucket,
    cells.noted_key AS key,
    cells.noted_version_id AS version_id,
    cells.device_id,
    cells.unit_id,
    cells.storage_class,
    cells.access_tier,
    cells.extension,
    cells.size_bytes,
    cells.first_uploaded_at AS uploaded_at,
    cells.captured_day,
    date_trunc(
        'month', coalesce(try_strptime(nullif(cells.captured_day, ''), '%Y%m%d'), cells.uploaded_on)
    )::DATE AS month,
    reports.report_at::DATE AS reported_on
FROM facts.cells AS cells
JOIN staging.reports AS reports USING (report_no)
WHERE cells.cut = 'day' AND cells.kind = 'image' AND cells.noted_key IS NOT NULL
