-- purpose: How far the numbers can be believed; exactly one row. Rows are those of the reports in use; paid requests are
--   all that were ever made from this warehouse folder.
-- columns: report_count, row_count, quarantined_count, overlap_count, source_count, incomplete_count, request_count,
--   cost_usd, grammar_version
WITH reports AS (
    SELECT
        count(*) AS report_count,
        coalesce(sum(row_count), 0)::BIGINT AS row_count,
        coalesce(sum(quarantined_count), 0)::BIGINT AS quarantined_count,
        coalesce(sum(overlap_count), 0)::BIGINT AS overlap_count
    FROM marts.reports
    WHERE is_current
),

-- Every breakdown of the bill repeats the same ledger.
sources AS (
    SELECT
        count(*) AS source_count,
        count(*) FILTER (NOT is_complete) AS incomplete_count,
        coalesce(max(request_count) FILTER (kind = 'costs'), 0)::BIGINT AS request_count,
        coalesce(max(cost_usd) FILTER (kind = 'costs'), 0)::DECIMAL(38, 10) AS cost_usd
    FROM marts.sources
)

SELECT
    reports.report_count,
    reports.row_count,
    reports.quarantined_count,
    reports.overlap_count,
    sources.source_count,
    sources.incomplete_count,
    sources.request_count,
    sources.cost_usd,
    snapshot.grammar_version
FROM reports, sources, meta.snapshot AS snapshot
