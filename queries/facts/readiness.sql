-- purpose: Current images with what stands between each and a dataset, labels apart; one row per image. A view: it reads
--   the reports.
-- kept:    view
-- columns: source_bucket, key, version_id, e_tag, size_bytes, device_id, unit_id, extension, storage_class,
--   access_tier, uploaded_at, captured_on, captured_day, is_name_good, readability, has_patient_identity, content_id,
--   keep_rank
--
-- A report does not say what was restored, nor, without its column, which tier of Intelligent-Tiering an object is in:
-- the first counts as archived, the second as unknown. Only exact copies have a content_id.
WITH identities AS (
    SELECT DISTINCT source_bucket, key FROM facts.misnamed WHERE list_contains(reasons, 'patient_identifier')
),

copies AS (
    SELECT source_bucket, key, version_id, content_id, keep_rank
    FROM facts.same_content
    WHERE confidence = 'exact' AND kind = 'image'
)

SELECT
    objects.source_bucket,
    objects.key,
    objects.version_id,
    objects.e_tag,
    objects.size_bytes,
    objects.device_id,
    objects.unit_id,
    objects.extension,
    objects.storage_class,
    objects.access_tier,
    objects.uploaded_at,
    try_strptime(nullif(objects.captured_day, ''), '%Y%m%d')::DATE AS captured_on,
    objects.captured_day,
    objects.is_name_good,
    CASE
        WHEN objects.storage_class = 'INTELLIGENT_TIERING' AND objects.access_tier = '' THEN 'unknown'
        WHEN objects.storage_class = 'INTELLIGENT_TIERING' AND objects.access_tier IN ('ARCHIVE', 'DEEP_ARCHIVE')
            THEN 'archived'
        WHEN classes.is_archive THEN 'archived'
        WHEN classes.class_id IS NULL THEN 'unknown'
        ELSE 'readable'
    END AS readability,
    identities.key IS NOT NULL AS has_patient_identity,
    copies.content_id,
    copies.keep_rank
FROM facts.objects AS objects
LEFT JOIN raw.storage_classes AS classes ON classes.class_id = objects.storage_class
LEFT JOIN identities ON identities.source_bucket = objects.source_bucket AND identities.key = objects.key
LEFT JOIN copies
    ON
        copies.source_bucket = objects.source_bucket
        AND copies.key = objects.key
        AND copies.version_id = objects.version_id
WHERE objects.kind = 'image'
