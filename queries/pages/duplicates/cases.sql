-- purpose: Where the copies lie, seen from the one to keep; one row per confidence and case.
-- params:  devices=NULL
-- columns: confidence, duplicate_case, object_count, size_bytes
SELECT confidence, duplicate_case, count(*) AS object_count, sum(size_bytes)::BIGINT AS size_bytes
FROM facts.same_content
WHERE NOT is_kept AND ($devices IS NULL OR list_contains($devices, device_id))
GROUP BY confidence, duplicate_case
ORDER BY confidence, size_bytes DESC, duplicate_case
