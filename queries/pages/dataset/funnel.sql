-- purpose: Chosen images by the step of the readiness gate that stops them, or 'ready'; one row per step, class and tier.
-- params:  devices=NULL, units=NULL, extensions=NULL, from_on=NULL, to_on=NULL, names=NULL, label_names=NULL,
--   labels=NULL, permit_tag=NULL, permit_values=NULL, split_by=NULL, split_segment=1, split_pattern='()',
--   split_label=NULL
-- columns: step, storage_class, access_tier, readability, object_count, size_bytes
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

-- One scan: everything but the copies, which are few, falls into cells.
cells AS MATERIALIZED (
    SELECT
        fault_before,
        fault_after,
        content_id,
        keep_rank,
        storage_class,
        access_tier,
        readability,
        count(*) AS object_count,
        sum(size_bytes) AS size_bytes
    FROM judged
    GROUP BY ALL
),

-- Of exact copies the one that passes every other step stays, and among those the one that is to be kept anyway.
best AS (
    SELECT content_id, min(keep_rank + CASE WHEN fault_before = '' AND fault_after = '' THEN 0 ELSE 1000000000000 END) AS rank
    FROM cells
    WHERE content_id IS NOT NULL
    GROUP BY content_id
),

decided AS (
    SELECT
        cells.*,
        CASE
            WHEN cells.fault_before <> '' THEN cells.fault_before
            WHEN cells.content_id IS NOT NULL AND cells.keep_rank <> best.rank % 1000000000000 THEN 'duplicate'
            WHEN cells.fault_after <> '' THEN cells.fault_after
            ELSE 'ready'
        END AS step
    FROM cells
    LEFT JOIN best ON best.content_id = cells.content_id
)

SELECT
    step,
    storage_class,
    access_tier,
    readability,
    sum(object_count)::BIGINT AS object_count,
    sum(size_bytes)::BIGINT AS size_bytes
FROM decided
GROUP BY step, storage_class, access_tier, readability
ORDER BY step, storage_class, access_tier, readability
