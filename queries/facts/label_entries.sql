-- purpose: Labels of current images that several rows speak about, as each source means them: of two rows of one source
--   the one about this very version counts, else the newer one; one row per image, label name and source.
-- columns: source_bucket, key, device_id, unit_id, month, size_bytes, storage_class, source_no, labelled_at, name, value, is_allowed
WITH entries AS (
    SELECT
        source_bucket,
        key,
        device_id,
        unit_id,
        month,
        size_bytes,
        storage_class,
        source_no,
        labelled_at,
        version_id <> '' OR e_tag <> '' AS is_exact,
        unnest(map_keys(tags)) AS name,
        unnest(map_values(tags)) AS value
    FROM facts.label_rows
    WHERE is_shared AND state = 'current'
)

SELECT
    source_bucket,
    key,
    device_id,
    unit_id,
    month,
    size_bytes,
    storage_class,
    source_no,
    labelled_at,
    name,
    value,
    is_allowed_label(name, value) AS is_allowed
FROM entries
QUALIFY row_number() OVER (
    PARTITION BY source_bucket, key, source_no, name ORDER BY is_exact DESC, labelled_at DESC NULLS LAST, value
) = 1
