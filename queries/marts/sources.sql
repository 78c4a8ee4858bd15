-- purpose: Every source of this snapshot with its age and completeness; one row per source.
-- columns: kind, name, as_of, asked_at, row_count, is_complete, request_count, cost_usd, note
SELECT 'inventory' AS kind, source_bucket || '/' || config_id AS name, report_at AS as_of, loaded_at AS asked_at,
    row_count, quarantined_count = 0 AS is_complete, NULL::BIGINT AS request_count,
    NULL::DECIMAL(38, 10) AS cost_usd, format AS note
FROM staging.reports
WHERE is_current
UNION ALL
SELECT 'costs', breakdown, max(end_on)::TIMESTAMP, max(asked_at), count(*), true,
    (SELECT count(*) FROM raw.requests), (SELECT sum(cost_usd) FROM raw.requests)::DECIMAL(38, 10),
    CASE WHEN bool_or(is_estimated) THEN 'estimated' ELSE 'final' END
FROM staging.cost_lines
WHERE period NOT IN (SELECT period FROM staging.cost_exports)
GROUP BY breakdown
UNION ALL
SELECT 'cost_export', kind, max(written_at), max(asked_at), sum(row_count)::BIGINT, true, NULL, NULL,
    CASE WHEN bool_or(is_estimated) THEN 'estimated' ELSE 'final' END
FROM staging.cost_exports
WHERE is_current
GROUP BY kind
UNION ALL
SELECT 'aws_budgets', account_id, asked_at::TIMESTAMP, asked_at::TIMESTAMP, len(budgets), true, NULL, NULL, ''
FROM raw.aws_budgets
UNION ALL
SELECT 'cost_forecast', 'Cost Explorer', asked_at::TIMESTAMP, asked_at::TIMESTAMP, len(months), true, NULL, NULL,
    CASE WHEN is_available THEN '' ELSE 'not_available_yet' END
FROM raw.cost_forecast
UNION ALL
SELECT 'labels', source_id, as_of, read_at, label_count, is_complete, request_count, cost_usd,
    source_note
FROM marts.label_sources
UNION ALL
SELECT 'lifecycle', source_bucket, asked_at::TIMESTAMP, asked_at::TIMESTAMP, len(rules), true, 1, NULL,
    CASE WHEN has_configuration THEN '' ELSE 'no_configuration' END
FROM raw.lifecycle
UNION ALL
SELECT 'unfinished_uploads', source_bucket, asked_at::TIMESTAMP, asked_at::TIMESTAMP, len(uploads), is_complete, NULL,
    NULL, ''
FROM raw.uploads
