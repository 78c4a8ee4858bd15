-- purpose: Chosen images that one step of the readiness gate stops, or that are 'ready'; one row per image. Reads the
--   reports themselves: seconds, for a large archive. `total_count` is handed in: dataset.funnel knows it.
-- params:  devices=NULL, units=NULL, extensions=NULL, from_on=NULL, to_on=NULL, names=NULL, label_names=NULL,
--   labels=NULL, permit_tag=NULL, permit_values=NULL, split_by=NULL, split_segment=1, split_pattern='()',
--   split_label=NULL, split_key='archive', train_until=800000, validation_until=900000,
--   step='ready', total_count=NULL, row_limit=50, row_offset=0
-- columns: source_bucket, key, version_id, e_tag, size_bytes, device_id, unit_id, extension, storage_class,
--   access_tier, readability, uploaded_at, captured_on, tags, key_part, split, step, total_count
WITH judged AS NOT MATERIALIZED (
    SELECT * FROM facts.gate(
        $devices, $units, $extensions, $from_on, $to_on, $names, $label_names, $labels, $permit_tag, $permit_values,
        $split_by, $split_segment, $split_pattern, $split_label, $split_key
    )
),

-- Of exact copies the one that passes every other step stays, and among those the one that is to be kept anyway.
-- Only two steps depend on it; the others spare themselves the scan.
best AS (
    SELECT content_id, min(keep_rank + CASE WHEN fault_before = '' AND fault_after = '' THEN 0 ELSE 1000000000000 END) AS rank
    FROM judged
    WHERE content_id IS NOT NULL AND $step IN ('duplicate', 'ready')
    GROUP BY content_id
),

decided AS NOT MATERIALIZED (
    SELECT
        judged.*,
        CASE
            WHEN judged.fault_before <> '' THEN judged.fault_before
            WHEN judged.content_id IS NOT NULL AND judged.keep_rank <> best.rank % 1000000000000 THEN 'duplicate'
            WHEN judged.fault_after <> '' THEN judged.fault_after
            ELSE 'ready'
        END AS step
    FROM judged
    LEFT JOIN best ON best.content_id = judged.content_id
),

leaf AS (
    SELECT *
    FROM decided
    WHERE step = $step
    ORDER BY source_bucket, key, version_id
    LIMIT $row_limit OFFSET $row_offset
),

placed AS (
    SELECT *, coalesce(label_place, md5_number_lower($split_key || chr(10) || part) % 1000000) AS place FROM leaf
)

-- Labels are looked up for what is listed: those of all images would not fit into a reader's memory.
SELECT
    placed.source_bucket,
    placed.key,
    placed.version_id,
    placed.e_tag,
    placed.size_bytes,
    placed.device_id,
    placed.unit_id,
    placed.extension,
    placed.storage_class,
    placed.access_tier,
    placed.readability,
    placed.uploaded_at,
    placed.captured_on,
    labels.tags,
    CASE WHEN placed.label_part = 0 THEN placed.part ELSE trim(tidied(labels.tags[$split_label::VARCHAR])) END AS key_part,
    CASE
        WHEN $split_by IS NULL THEN ''
        WHEN placed.place < $train_until THEN 'train'
        WHEN placed.place < $validation_until THEN 'validation'
        ELSE 'test'
    END AS split,
    placed.step,
    $total_count::BIGINT AS total_count
FROM placed
LEFT JOIN facts.labels AS labels
    ON
        labels.object_hash = hash(placed.source_bucket, placed.key)
        AND labels.version_hash IN (0, hash(placed.version_id))
        AND (labels.e_tag_hash IN (0, hash(placed.e_tag)) OR placed.e_tag = '')
ORDER BY placed.source_bucket, placed.key, placed.version_id
