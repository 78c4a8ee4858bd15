-- purpose: Files that are not whole without another one of their stem, which is not there; one row per file. Which
--   files are pairs is a setting of their device; without one no key is read.
-- columns: source_bucket, key, device_id, storage_class, access_tier, size_bytes, uploaded_at
WITH files AS (
    SELECT
        source_bucket, key, pair_stem(key) AS stem, pair_extension(key) AS extension, storage_class, access_tier,
        size_bytes, uploaded_at
    FROM staging.objects
    WHERE pair_extension(key) <> '' AND is_latest AND NOT is_delete_marker AND size_bytes IS DISTINCT FROM 0
),

stems AS (
    SELECT source_bucket, hash(stem) AS stem_hash, list(DISTINCT lower(extension)) AS extensions
    FROM files
    GROUP BY source_bucket, hash(stem)
),

wanted AS (
    SELECT
        devices.device_id,
        lower(unnest(devices.pairs)[1]) AS extension,
        lower(unnest(devices.pairs)[2]) AS partner_extension
    FROM raw.devices AS devices
),

lone AS (
    SELECT
        files.source_bucket,
        files.key,
        device_of(files.key) AS device_id,
        files.storage_class,
        files.access_tier,
        files.size_bytes,
        files.uploaded_at,
        files.extension,
        stems.extensions
    FROM files
    JOIN stems ON stems.source_bucket = files.source_bucket AND stems.stem_hash = hash(files.stem)
)

SELECT DISTINCT
    lone.source_bucket,
    lone.key,
    lone.device_id,
    lone.storage_class,
    lone.access_tier,
    lone.size_bytes,
    lone.uploaded_at
FROM lone
JOIN wanted ON wanted.device_id = lone.device_id AND wanted.extension = lower(lone.extension)
WHERE NOT list_contains(lone.extensions, wanted.partner_extension)
