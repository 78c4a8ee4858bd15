-- purpose: The images that a choice means, each with the step of the readiness gate that stops it before copies are looked
--   for and the one that does after; one row per image. A macro: the queries of Datasets hand the choice in. What a split
--   goes by is the text `part`, or for a label its value's number `label_part` (0 for none) and place among a million.
-- kept:    macro
-- params:  devices=NULL, units=NULL, extensions=NULL, from_on=NULL, to_on=NULL, names=NULL, label_names=NULL,
--   labels=NULL, permit_tag=NULL, permit_values=NULL, split_by=NULL, split_segment=1, split_pattern='()',
--   split_label=NULL, split_key='archive'
-- columns: source_bucket, key, version_id, e_tag, size_bytes, device_id, unit_id, extension, storage_class, access_tier,
--   uploaded_at, captured_on, captured_day, is_name_good, readability, has_patient_identity, content_id, keep_rank,
--   is_labelled, part, label_part, label_place, is_permitted, fault_before, fault_after
--
-- What a choice asks of labels is answered before they meet the images: the texts of 10 million labels do not fit into a
-- reader's memory, three answers and two numbers do.
WITH labels AS NOT MATERIALIZED (
    SELECT
        object_hash,
        version_hash,
        e_tag_hash,
        is_labelled,
        $label_names::VARCHAR[] IS NULL
            OR len(list_filter(
                $label_names::VARCHAR[],
                lambda name: NOT list_contains($labels::VARCHAR[], name || '=' || coalesce(tags[name], ''))
            )) = 0 AS is_chosen,
        $permit_tag::VARCHAR IS NULL
            OR coalesce(list_contains($permit_values::VARCHAR[], tags[$permit_tag::VARCHAR]), false) AS is_permitted,
        -- One patient written in two ways, Ｐ０１２３ and "P0123 ", may not be on two sides.
        CASE WHEN $split_by = 'label' THEN trim(tidied(tags[$split_label::VARCHAR])) END AS split_value,
        CASE WHEN coalesce(split_value, '') <> '' THEN hash(split_value) ELSE hash('') - hash('') END AS label_part,
        (md5_number_lower($split_key || chr(10) || split_value) % 1000000)::INTEGER AS label_place
    FROM facts.labels
),

chosen AS NOT MATERIALIZED (
    SELECT
        images.*,
        coalesce(labels.is_labelled, false) AS is_labelled,
        coalesce(
            CASE $split_by
                WHEN 'unit' THEN CASE WHEN images.unit_id = '' THEN '' ELSE images.device_id || '/' || images.unit_id END
                WHEN 'day' THEN images.captured_day
                WHEN 'segment' THEN split_part(images.key, '/', $split_segment::INTEGER)
                WHEN 'pattern' THEN regexp_extract(images.key, $split_pattern, 1)
            END,
            ''
        ) AS part,
        coalesce(labels.label_part, 0) AS label_part,
        labels.label_place,
        coalesce(labels.is_permitted, $permit_tag::VARCHAR IS NULL) AS is_permitted,
        CASE
            WHEN NOT images.is_name_good THEN 'name'
            WHEN NOT coalesce(labels.is_labelled, false) THEN 'label'
            WHEN images.readability <> 'readable' THEN 'reading'
            ELSE ''
        END AS fault_before
    FROM facts.readiness AS images
    LEFT JOIN labels
        ON
            labels.object_hash = hash(images.source_bucket, images.key)
            AND labels.version_hash IN (0, hash(images.version_id))
            AND (labels.e_tag_hash IN (0, hash(images.e_tag)) OR images.e_tag = '')
    WHERE ($devices::VARCHAR[] IS NULL OR list_contains($devices::VARCHAR[], images.device_id))
      AND ($units::VARCHAR[] IS NULL OR list_contains($units::VARCHAR[], images.device_id || '/' || images.unit_id))
      AND ($extensions::VARCHAR[] IS NULL OR list_contains($extensions::VARCHAR[], images.extension))
      AND ($from_on::DATE IS NULL OR images.captured_on >= $from_on::DATE)
      AND ($to_on::DATE IS NULL OR images.captured_on <= $to_on::DATE)
      AND ($names::VARCHAR IS NULL OR images.is_name_good = ($names = 'good'))
      AND (
          $label_names::VARCHAR[] IS NULL
          OR labels.is_chosen
          -- A label may be chosen for having no value, which holds of images without any label.
          OR (
              labels.object_hash IS NULL
              AND len(list_filter($label_names::VARCHAR[], lambda name: NOT list_contains($labels::VARCHAR[], name || '='))) = 0
          )
      )
)

SELECT
    *,
    CASE
        WHEN has_patient_identity THEN 'identity'
        WHEN NOT is_permitted THEN 'permit'
        WHEN $split_by IS NOT NULL AND part = '' AND label_part = 0 THEN 'part'
        ELSE ''
    END AS fault_after
FROM chosen
