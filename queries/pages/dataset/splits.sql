-- purpose: How the images that are ready are split; one row per side. `shared_part_count` is the number of parts of the
--   key that stand on more than one side: no other number than 0 is right.
-- params:  devices=NULL, units=NULL, extensions=NULL, from_on=NULL, to_on=NULL, names=NULL, label_names=NULL,
--   labels=NULL, permit_tag=NULL, permit_values=NULL, split_by=NULL, split_segment=1, split_pattern='()',
--   split_label=NULL, split_key='archive', train_until=800000, validation_until=900000
-- columns: split, part_count, object_count, size_bytes, object_share, shared_part_count
--
-- Of exact copies the one that passes every other step stays, and among those the one that is to be kept anyway.
WITH cells AS MATERIALIZED (
    SELECT
        part,
        label_part,
        label_place,
        content_id,
        keep_rank,
        count(*) AS object_count,
        sum(size_bytes) AS size_bytes
    FROM facts.gate(
        $devices, $units, $extensions, $from_on, $to_on, $names, $label_names, $labels, $permit_tag, $permit_values,
        $split_by, $split_segment, $split_pattern, $split_label, $split_key
    )
    WHERE fault_before = '' AND fault_after = ''
    GROUP BY part, label_part, label_place, content_id, keep_rank
),

best AS (
    SELECT content_id, min(keep_rank) AS rank FROM cells WHERE content_id IS NOT NULL GROUP BY content_id
),

placed AS (
    SELECT
        cells.*,
        coalesce(cells.label_place, md5_number_lower($split_key || chr(10) || cells.part) % 1000000) AS place
    FROM cells
    LEFT JOIN best ON best.content_id = cells.content_id
    WHERE cells.content_id IS NULL OR cells.keep_rank = best.rank
),

parts AS (
    SELECT
        part,
        label_part,
        CASE
            WHEN $split_by IS NULL THEN ''
            WHEN place < $train_until THEN 'train'
            WHEN place < $validation_until THEN 'validation'
            ELSE 'test'
        END AS split,
        sum(object_count) AS object_count,
        sum(size_bytes) AS size_bytes
    FROM placed
    GROUP BY ALL
),

shared AS (
    SELECT count(*) AS part_count
    FROM (SELECT part FROM parts GROUP BY part, label_part HAVING count(DISTINCT split) > 1) AS found
)

SELECT
    parts.split,
    count(*) AS part_count,
    sum(parts.object_count)::BIGINT AS object_count,
    sum(parts.size_bytes)::BIGINT AS size_bytes,
    sum(parts.object_count) / sum(sum(parts.object_count)) OVER () AS object_share,
    any_value(shared.part_count) AS shared_part_count
FROM parts
CROSS JOIN shared
GROUP BY parts.split
ORDER BY list_position(['train', 'validation', 'test'], parts.split)
