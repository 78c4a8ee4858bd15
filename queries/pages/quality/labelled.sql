-- purpose: Current images that carry a label, newest label first; one row per image, with all its labels and the sources
--   they come from. A `value` of NULL means any. Reads the reports themselves, so it is asked only for the list.
-- params:  devices=NULL, name=NULL, value=NULL, row_limit=50, row_offset=0
-- columns: key, label_text, source_text, has_conflict, device_id, unit_id, size_bytes, labelled_at, source_bucket,
--   total_count
--
-- The labels are chosen before their images are looked up: 10 million of each do not fit into a reader's memory together.
WITH chosen AS NOT MATERIALIZED (
    SELECT *
    FROM facts.labels
    WHERE ($devices IS NULL OR list_contains($devices, device_id))
      -- Whose tags were read and are none is known to its source, and carries no label.
      AND CASE WHEN $name IS NULL THEN cardinality(tags) > 0 ELSE list_contains(map_keys(tags), $name) END
      AND ($value IS NULL OR list_contains(map_extract(tags, $name), $value))
),

leaf AS (
    SELECT *
    FROM chosen
    ORDER BY read_at DESC, source_bucket, key
    LIMIT $row_limit OFFSET $row_offset
)

SELECT
    images.key,
    array_to_string(list_transform(map_entries(leaf.tags), lambda entry: entry.key || ': ' || entry.value), ', ')
        AS label_text,
    array_to_string(leaf.source_ids, ', ') AS source_text,
    len(leaf.conflict_names) > 0 AS has_conflict,
    images.device_id,
    images.unit_id,
    images.size_bytes,
    leaf.read_at AS labelled_at,
    images.source_bucket,
    (SELECT count(*) FROM chosen) AS total_count
FROM leaf
JOIN facts.objects AS images
    ON
        images.source_bucket = leaf.source_bucket
        AND images.key = leaf.key
        AND (leaf.version_id = '' OR leaf.version_id = images.version_id)
        AND (leaf.e_tag = '' OR leaf.e_tag = images.e_tag OR images.e_tag = '')
WHERE images.kind = 'image'
ORDER BY leaf.read_at DESC, leaf.source_bucket, leaf.key
