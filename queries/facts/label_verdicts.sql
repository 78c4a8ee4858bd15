-- purpose: What each combination of classes makes of an image; one row per source and cell (bucket, device, unit, month of
--   capture and labels). A value of NULL in `class_tags` is one of too many to be told apart.
-- columns: source_no, cell, source_bucket, device_id, unit_id, month, is_image, class_tags, bad_names, is_labelled
WITH judged AS (
    SELECT
        *,
        list_transform(
            list_filter(map_entries(class_tags), lambda entry: is_allowed_label(entry.key, entry.value)),
            lambda entry: entry.key
        ) AS good_names
    FROM raw.label_cells
)

SELECT
    source_no,
    cell,
    source_bucket,
    device_id,
    unit_id,
    month,
    is_image,
    class_tags,
    list_filter(map_keys(class_tags), lambda name: NOT list_contains(good_names, name)) AS bad_names,
    len(list_filter(required_labels(device_id), lambda name: NOT list_contains(good_names, name))) = 0 AS is_labelled
FROM judged
