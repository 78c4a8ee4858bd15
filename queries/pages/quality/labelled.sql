-- purpose: Current images that carry a label, newest label first; one row per image, with all its labels and the sources
--   they come from. A `value` of NULL means any. Reads the reports themselves, so it is asked only for the list.
-- params:  devices=NULL, name=NULL, value=NULL, row_limit=50, row_offset=0
-- columns: key, label_text, source_text, has_conflict, device_id, unit_id, size_bytes, labelled_at, source_bucket,
--   total_count
WITH chosen AS NOT MATERIALIZED (
    SELECT
        images.key,
        labels.tags,
        labels.source_ids,
        labels.conflict_names,
        images.device_id,
        images.unit_id,
        images.size_bytes,
        labels.read_at,
        images.source_bucket
    FROM facts.objects AS images
    JOIN facts.labels AS labels
        ON
            labels.source_bucket = images.source_bucket
            AND labels.key = images.key
            AND (labels.version_id = '' OR labels.version_id = images.version_id)
            AND (labels.e_tag = '' OR labels.e_tag = images.e_tag OR images.e_tag = '')
    WHERE images.kind = 'image'
      AND ($devices IS NULL OR list_contains($devices, images.device_id))
      AND ($name IS NULL OR list_contains(map_keys(labels.tags), $name))
      AND ($value IS NULL OR list_contains(map_extract(labels.tags, $name), $value))
)

SELECT
    key,
    array_to_string(list_transform(map_entries(tags), lambda entry: entry.key || ': ' || entry.value), ', ')
        AS label_text,
    array_to_string(source_ids, ', ') AS source_text,
    len(conflict_names) > 0 AS has_conflict,
    device_id,
    unit_id,
    size_bytes,
    read_at AS labelled_at,
    source_bucket,
    (SELECT count(*) FROM chosen) AS total_count
FROM chosen
ORDER BY labelled_at DESC, source_bucket, key
LIMIT $row_limit OFFSET $row_offset
