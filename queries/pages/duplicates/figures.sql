-- purpose: How much is stored more than once, without the copies to keep; one row. What is only suspect stands apart.
-- params:  devices=NULL
-- columns: content_count, exact_count, exact_bytes, version_count, version_bytes, suspect_count, suspect_bytes
SELECT
    count(DISTINCT content_id) FILTER (confidence = 'exact') AS content_count,
    count(*) FILTER (confidence = 'exact') AS exact_count,
    coalesce(sum(size_bytes) FILTER (confidence = 'exact'), 0)::BIGINT AS exact_bytes,
    count(*) FILTER (confidence = 'exact' AND duplicate_case = 'same_key') AS version_count,
    coalesce(sum(size_bytes) FILTER (confidence = 'exact' AND duplicate_case = 'same_key'), 0)::BIGINT AS version_bytes,
    count(*) FILTER (confidence = 'suspect') AS suspect_count,
    coalesce(sum(size_bytes) FILTER (confidence = 'suspect'), 0)::BIGINT AS suspect_bytes
FROM facts.same_content
WHERE NOT is_kept AND ($devices IS NULL OR list_contains($devices, device_id))
