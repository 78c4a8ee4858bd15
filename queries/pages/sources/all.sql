-- purpose: Every source of the snapshot; one row per inventory configuration, breakdown of the bill, label source, and
--   live look at a bucket. `as_of` is what it tells about, `age_days` counts from there to `today` (UTC). A bill is
--   known up to the day before its end, and never beyond the moment it was asked for. The price is that of the last
--   reading; questions to Cost Explorer are counted for all breakdowns together, by sources.figures.
-- params:  today=NULL
-- columns: source_kind, name, as_of, age_days, asked_at, row_count, is_complete, source_note, request_count, cost_usd
WITH sources AS (
    SELECT *, CASE WHEN kind = 'costs' THEN least(as_of - INTERVAL 1 DAY, asked_at) ELSE as_of END AS known_to
    FROM marts.sources
)

SELECT
    sources.kind AS source_kind,
    sources.name,
    sources.known_to AS as_of,
    CASE
        WHEN sources.known_to IS NOT NULL
            THEN greatest(coalesce($today::DATE, snapshot.built_at::DATE) - sources.known_to::DATE, 0)::BIGINT
    END AS age_days,
    sources.asked_at,
    sources.row_count,
    sources.is_complete,
    sources.note AS source_note,
    -- The ledger of paid requests is one figure of its own; a breakdown has no part of it.
    CASE WHEN sources.kind <> 'costs' THEN sources.request_count END AS request_count,
    CASE WHEN sources.kind <> 'costs' THEN sources.cost_usd END AS cost_usd
FROM sources, meta.snapshot AS snapshot
ORDER BY
    list_position(['inventory', 'costs', 'labels', 'lifecycle', 'unfinished_uploads'], sources.kind), sources.name
