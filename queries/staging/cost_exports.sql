-- purpose: Every delivery of the bill's export that was read, with the newest of each month marked; one row per delivery.
-- columns: period, version, asked_at, written_at, kind, tags, total_usd, is_estimated, row_count, line_count, is_current
SELECT
    period,
    version,
    asked_at::TIMESTAMP AS asked_at,
    written_at::TIMESTAMP AS written_at,
    kind,
    tags,
    total_usd::DECIMAL(38, 10) AS total_usd,
    is_estimated,
    row_count,
    line_count,
    row_number() OVER (PARTITION BY period ORDER BY asked_at DESC, written_at DESC, version DESC) = 1 AS is_current
FROM raw.export_statements
