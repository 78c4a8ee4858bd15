-- purpose: Chosen images by the step of the readiness gate that stops them, or 'ready'; one row per step, class and tier.
--   `job_places` as in restore.choices.
-- params:  devices=NULL, units=NULL, extensions=NULL, from_on=NULL, to_on=NULL, names=NULL, label_names=NULL,
--   labels=NULL, permit_tag=NULL, permit_values=NULL, split_by=NULL, split_segment=1, split_pattern='()',
--   split_label=NULL
-- columns: step, storage_class, access_tier, readability, object_count, size_bytes, job_places
--
-- One scan: everything but the copies, which are few, falls into cells.
WITH cells AS MATERIALIZED (
    SELECT
        fault_before,
        fault_after,
        content_id,
        keep_rank,
        storage_class,
        access_tier,
        readability,
        source_bucket || CASE WHEN version_id = '' THEN '' ELSE '?' END AS job_place,
        count(*) AS object_count,
        sum(size_bytes) AS size_bytes
    FROM facts.gate(
        $devices, $units, $extensions, $from_on, $to_on, $names, $label_names, $labels, $permit_tag, $permit_values,
        $split_by, $split_segment, $split_pattern, $split_label, ''
    )
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
    sum(size_bytes)::BIGINT AS size_bytes,
    string_agg(DISTINCT job_place, ' ' ORDER BY job_place) AS job_places
FROM decided
GROUP BY step, storage_class, access_tier, readability
ORDER BY step, storage_class, access_tier, readability
