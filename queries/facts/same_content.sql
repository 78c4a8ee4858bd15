-- purpose: Object versions whose content is that of another one, or may be; one row per version. An ETag is an MD5 of
--   the content only if the upload was in one part and no KMS or customer key encrypted it: only then it is 'exact',
--   else, and where the report does not say how it was encrypted, no more than 'suspect'.
-- columns: content_id, confidence, source_bucket, key, version_id, kind, device_id, unit_id, storage_class,
--   access_tier, extension, size_bytes, billed_bytes, e_tag, uploaded_at, captured_day, is_name_good, is_labelled,
--   keep_rank, is_kept, keep_reason, duplicate_case, minimum_days_left
--
-- `keep_rank` orders the copies of a content, the one to keep first: what can be compared for sure, current before
-- noncurrent, an image before other files, a good name, a label, the older upload; the rest only makes it repeatable.
WITH counted AS (
    SELECT
        *,
        count(*) OVER (PARTITION BY content_id) AS copy_count,
        sum(CASE WHEN is_comparable THEN 1 ELSE 0 END) OVER (PARTITION BY content_id) AS comparable_count,
        count(*) OVER (PARTITION BY content_id, source_bucket, key) AS version_count
    FROM facts.repeated_content
),

repeated AS (
    SELECT *, is_comparable AND comparable_count > 1 AS is_exact
    FROM counted
    WHERE copy_count > 1
),

labelled AS (
    SELECT DISTINCT repeated.source_bucket, repeated.key, repeated.version_id
    FROM repeated
    JOIN facts.labels AS labels
        ON labels.source_bucket = repeated.source_bucket AND labels.key = repeated.key
    WHERE labels.is_labelled AND labels.version_id IN ('', repeated.version_id) AND labels.e_tag IN ('', repeated.e_tag)
),

ranked AS (
    SELECT
        repeated.*,
        labelled.key IS NOT NULL AS is_labelled,
        row_number() OVER (
            PARTITION BY repeated.content_id
            ORDER BY
                repeated.is_exact DESC, repeated.is_current DESC, repeated.is_image DESC, repeated.is_name_good DESC,
                labelled.key IS NOT NULL DESC, repeated.uploaded_at ASC NULLS LAST, repeated.source_bucket ASC,
                repeated.key ASC, repeated.version_id ASC
        ) AS keep_rank
    FROM repeated
    LEFT JOIN labelled USING (source_bucket, key, version_id)
),

compared AS (
    SELECT
        first.content_id,
        first.source_bucket AS kept_bucket,
        CASE
            WHEN first.is_current <> second.is_current THEN 'current'
            WHEN first.is_image <> second.is_image THEN 'image'
            WHEN first.is_name_good <> second.is_name_good THEN 'good_name'
            WHEN first.is_labelled <> second.is_labelled THEN 'labelled'
            WHEN second.uploaded_at IS NULL OR first.uploaded_at < second.uploaded_at THEN 'older'
            ELSE 'all_equal'
        END AS keep_reason
    FROM ranked AS first
    JOIN ranked AS second ON second.content_id = first.content_id
    WHERE first.keep_rank = 1 AND second.keep_rank = 2
)

SELECT
    ranked.content_id,
    CASE WHEN ranked.is_exact THEN 'exact' ELSE 'suspect' END AS confidence,
    ranked.source_bucket,
    ranked.key,
    ranked.version_id,
    ranked.kind,
    ranked.device_id,
    ranked.unit_id,
    ranked.storage_class,
    ranked.access_tier,
    ranked.extension,
    ranked.size_bytes,
    greatest(ranked.size_bytes, coalesce(classes.minimum_billed_bytes, 0)) AS billed_bytes,
    ranked.e_tag,
    ranked.uploaded_at,
    ranked.captured_day,
    ranked.is_name_good,
    ranked.is_labelled,
    ranked.keep_rank,
    ranked.keep_rank = 1 AS is_kept,
    compared.keep_reason,
    CASE
        WHEN ranked.keep_rank = 1 THEN 'kept'
        WHEN NOT ranked.is_current AND ranked.version_count > 1 THEN 'same_key'
        WHEN ranked.source_bucket = compared.kept_bucket THEN 'same_bucket'
        ELSE 'other_bucket'
    END AS duplicate_case,
    greatest(
        0, coalesce(classes.minimum_days, 0) - date_diff('day', ranked.uploaded_at, buckets.report_at)
    )::INTEGER AS minimum_days_left
FROM ranked
JOIN compared USING (content_id)
JOIN facts.buckets AS buckets ON buckets.source_bucket = ranked.source_bucket
LEFT JOIN raw.storage_classes AS classes ON classes.class_id = ranked.storage_class
