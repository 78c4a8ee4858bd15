-- purpose: Sources that are not complete, for the banner on every page; one row per source.
-- columns: kind, name, note
SELECT kind, name, note
FROM marts.sources
WHERE NOT is_complete
ORDER BY kind, name
