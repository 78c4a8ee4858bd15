-- purpose: Current images that several rows of the label sources speak about, with their labels brought together: of
--   different values the first allowed one in the order of the sources counts; one row per image.
-- columns: source_bucket, key, device_id, unit_id, month, size_bytes, storage_class, tags, read_at, source_ids, conflict_names,
--   is_labelled, is_read
WITH named AS (
    SELECT
        source_bucket,
        key,
        name,
        arg_min(value, source_no + CASE WHEN is_allowed THEN 0 ELSE 10000 END) AS value,
        bool_or(is_allowed) AS is_good,
        count(DISTINCT value) > 1 AS is_conflict
    FROM facts.label_entries
    GROUP BY source_bucket, key, name
),

labelled AS (
    SELECT
        source_bucket,
        key,
        map_from_entries(list_sort(list(struct_pack(key := name, value := value)))) AS tags,
        list_sort(list(name) FILTER (is_good)) AS good_names,
        list_sort(list(name) FILTER (is_conflict)) AS conflict_names
    FROM named
    GROUP BY source_bucket, key
),

images AS (
    SELECT
        noted.source_bucket,
        noted.key,
        any_value(noted.device_id) AS device_id,
        any_value(noted.unit_id) AS unit_id,
        any_value(noted.month) AS month,
        any_value(noted.size_bytes) AS size_bytes,
        any_value(noted.storage_class) AS storage_class,
        max(coalesce(noted.labelled_at, sources.read_at)) AS read_at,
        list_sort(list(DISTINCT sources.source_id)) AS source_ids,
        bool_or(sources.is_per_object) AS is_read
    FROM facts.label_rows AS noted
    JOIN raw.label_sources AS sources USING (source_no)
    WHERE noted.is_shared AND noted.state = 'current'
    GROUP BY noted.source_bucket, noted.key
)

SELECT
    images.source_bucket,
    images.key,
    images.device_id,
    images.unit_id,
    images.month,
    images.size_bytes,
    images.storage_class,
    coalesce(labelled.tags, map_from_entries([]::STRUCT(key VARCHAR, value VARCHAR)[])) AS tags,
    images.read_at,
    images.source_ids,
    coalesce(labelled.conflict_names, []) AS conflict_names,
    len(list_filter(
        required_labels(images.device_id),
        lambda name: NOT coalesce(list_contains(labelled.good_names, name), false)
    )) = 0 AS is_labelled,
    images.is_read
FROM images
LEFT JOIN labelled ON labelled.source_bucket = images.source_bucket AND labelled.key = images.key
