-- purpose: The images that a choice means, each with the step of the readiness gate that stops it before copies are looked
--   for and the one that does after; one row per image. A macro: the queries of Datasets hand the choice in.
-- kept:    macro
-- params:  devices=NULL, units=NULL, extensions=NULL, from_on=NULL, to_on=NULL, names=NULL, label_names=NULL,
--   labels=NULL, permit_tag=NULL, permit_values=NULL, split_by=NULL, split_segment=1, split_pattern='()',
--   split_label=NULL
-- columns: source_bucket, key, version_id, e_tag, size_bytes, device_id, unit_id, extension, storage_class, access_tier,
--   uploaded_at, captured_on, captured_day, is_name_good, is_labelled, tags, readability, has_patient_identity, content_id,
--   keep_rank, part, fault_before, is_permitted, fault_after
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
)

SELECT
    *,
    CASE
        WHEN has_patient_identity THEN 'identity'
        WHEN NOT is_permitted THEN 'permit'
        WHEN $split_by IS NOT NULL AND part = '' THEN 'part'
        ELSE ''
    END AS fault_after
FROM chosen
