-- purpose: Labels of which two sources say different things about one image; one row per image and label name. The values
--   stand in the order of the sources; `value` is the one that counts.
-- columns: source_bucket, key, device_id, unit_id, month, size_bytes, storage_class, name, value, source_values,
--   labelled_at
WITH differing AS (
    SELECT
        entries.source_bucket,
        entries.key,
        any_value(entries.device_id) AS device_id,
        any_value(entries.unit_id) AS unit_id,
        any_value(entries.month) AS month,
        any_value(entries.size_bytes) AS size_bytes,
        any_value(entries.storage_class) AS storage_class,
        entries.name,
        arg_min(entries.value, entries.source_no + CASE WHEN entries.is_allowed THEN 0 ELSE 10000 END) AS value,
        list(
            struct_pack(source_id := sources.source_id, value := entries.value)
            ORDER BY entries.source_no
        ) AS source_values,
        max(coalesce(entries.labelled_at, sources.read_at)) AS labelled_at
    FROM facts.label_entries AS entries
    JOIN raw.label_sources AS sources USING (source_no)
    GROUP BY entries.source_bucket, entries.key, entries.name
    HAVING count(DISTINCT entries.value) > 1
)

SELECT source_bucket, key, device_id, unit_id, month, size_bytes, storage_class, name, value, source_values, labelled_at
FROM differing
