-- purpose: Chosen images that one step of the readiness gate stops, or that are 'ready'; one row per image. Reads the
--   reports themselves: seconds, for a large archive. `total_count` is handed in: dataset.funnel knows it.
-- params:  devices=NULL, units=NULL, extensions=NULL, from_on=NULL, to_on=NULL, names=NULL, label_names=NULL,
--   labels=NULL, permit_tag=NULL, permit_values=NULL, split_by=NULL, split_segment=1, split_pattern='()',
--   split_label=NULL, split_key='archive', train_until=800000, validation_until=900000,
--   step='ready', total_count=NULL, row_limit=50, row_offset=0
-- columns: source_bucket, key, version_id, e_tag, size_bytes, device_id, unit_id, extension, storage_class,
--   access_tier, readability, uploaded_at, captured_on, tags, key_part, split, step, total_count
WITH chosen AS NOT MATERIALIZED (
    SELECT
        *,
        coalesce(
            CASE $split_by
                WHEN 'unit' THEN CASE WHEN unit_id = '' THEN '' ELSE device_id || '/' || unit_id END
                WHEN 'day' THEN captured_day
                WHEN 'segment' THEN split_part(key, '/', $split_segment::INTEGER)
                WHEN 'pattern' THEN regexp_extract(key, $split_pattern, 1)
                WHEN 'label' THEN tags[$split_label::VARCHAR]
            END,
            ''
        ) AS part,
        CASE
            WHEN NOT is_name_good THEN 'name'
            WHEN NOT is_labelled THEN 'label'
            WHEN readability <> 'readable' THEN 'reading'
            ELSE ''
        END AS fault_before,
        $permit_tag::VARCHAR IS NULL
            OR coalesce(list_contains($permit_values::VARCHAR[], tags[$permit_tag::VARCHAR]), false) AS is_permitted
    FROM facts.readiness
    WHERE ($devices::VARCHAR[] IS NULL OR list_contains($devices::VARCHAR[], device_id))
      AND ($units::VARCHAR[] IS NULL OR list_contains($units::VARCHAR[], device_id || '/' || unit_id))
      AND ($extensions::VARCHAR[] IS NULL OR list_contains($extensions::VARCHAR[], extension))
      AND ($from_on::DATE IS NULL OR captured_on >= $from_on::DATE)
      AND ($to_on::DATE IS NULL OR captured_on <= $to_on::DATE)
      AND ($names::VARCHAR IS NULL OR is_name_good = ($names = 'good'))
      AND (
          $label_names::VARCHAR[] IS NULL
          OR len(list_filter(
              $label_names::VARCHAR[],
              lambda name: NOT list_contains($labels::VARCHAR[], name || '=' || coalesce(tags[name], ''))
          )) = 0
      )
),

judged AS NOT MATERIALIZED (
    SELECT
        *,
        CASE
            WHEN has_patient_identity THEN 'identity'
            WHEN NOT is_permitted THEN 'permit'
            WHEN $split_by IS NOT NULL AND part = '' THEN 'part'
            ELSE ''
        END AS fault_after
    FROM chosen
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
        END AS step,
        CASE
            WHEN $split_by IS NULL THEN ''
            WHEN md5_number_lower($split_key || chr(10) || judged.part) % 1000000 < $train_until THEN 'train'
            WHEN md5_number_lower($split_key || chr(10) || judged.part) % 1000000 < $validation_until THEN 'validation'
            ELSE 'test'
        END AS split
    FROM judged
    LEFT JOIN best ON best.content_id = judged.content_id
)

SELECT
    source_bucket,
    key,
    version_id,
    e_tag,
    size_bytes,
    device_id,
    unit_id,
    extension,
    storage_class,
    access_tier,
    readability,
    uploaded_at,
    captured_on,
    tags,
    part AS key_part,
    split,
    step,
    $total_count::BIGINT AS total_count
FROM decided
WHERE step = $step
ORDER BY source_bucket, key, version_id
LIMIT $row_limit OFFSET $row_offset
