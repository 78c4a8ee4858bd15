-- purpose: Labels of which two sources say different things about one image, newest first; one row per image and label.
--   `label_value` is the one that counts, `source_values` says who said what, in the order of the sources.
-- params:  devices=NULL, name=NULL, row_limit=50, row_offset=0
-- columns: key, name, label_value, source_values, device_id, unit_id, size_bytes, labelled_at, source_bucket, total_count
WITH chosen AS NOT MATERIALIZED (
    SELECT *
    FROM marts.label_conflicts
    WHERE ($devices IS NULL OR list_contains($devices, device_id))
      AND ($name IS NULL OR name = $name)
)

SELECT
    key,
    name,
    value AS label_value,
    array_to_string(
        list_transform(source_values, lambda entry: entry.source_id || ': ' || entry.value), ' | '
    ) AS source_values,
    device_id,
    unit_id,
    size_bytes,
    labelled_at,
    source_bucket,
    (SELECT count(*) FROM chosen) AS total_count
FROM chosen
ORDER BY labelled_at DESC, source_bucket, key, name
LIMIT $row_limit OFFSET $row_offset
