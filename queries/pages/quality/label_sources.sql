-- purpose: Every label source in the order of its precedence: age, price of the last reading, and what became of its rows;
--   one row per source. `image_share` is the part of all current images that it says something about; a cost of NULL is a
--   price that the settings do not give.
-- params:  today=NULL
-- columns: source_id, label_kind, location, as_of, age_days, read_at, is_complete, row_count, label_count,
--   set_aside_count, left_count, image_count, image_share, stale_count, orphan_count, conflict_count,
--   not_allowed_count, request_count, cost_usd, source_note, fault
SELECT
    sources.source_id,
    sources.kind AS label_kind,
    sources.location,
    sources.as_of,
    CASE
        WHEN sources.as_of IS NOT NULL
            THEN greatest(coalesce($today::DATE, snapshot.report_at::DATE) - sources.as_of::DATE, 0)::BIGINT
    END AS age_days,
    sources.read_at,
    sources.is_complete,
    sources.row_count,
    sources.label_count,
    sources.set_aside_count,
    sources.left_count,
    sources.image_count,
    sources.image_count / nullif((SELECT sum(image_count) FROM marts.label_coverage), 0) AS image_share,
    sources.stale_count,
    sources.orphan_count,
    sources.conflict_count,
    sources.not_allowed_count,
    sources.request_count,
    sources.cost_usd,
    sources.source_note,
    sources.fault
FROM marts.label_sources AS sources, meta.snapshot AS snapshot
ORDER BY sources.source_no
