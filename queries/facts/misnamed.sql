-- purpose: Current images whose name breaks the grammar, each with its main reason; one row per image.
-- columns: source_bucket, key, version_id, device_id, unit_id, storage_class, extension, size_bytes, uploaded_at,
--   captured_on, month, reason
--
-- `month` is that of marts.quality, so that the list behind one of its numbers needs no look into the reports.
WITH noted AS (
    SELECT
        cells.source_bucket,
        cells.noted_key AS key,
        cells.noted_version_id AS version_id,
        cells.device_id,
        cells.unit_id,
        cells.storage_class,
        cells.extension,
        cells.size_bytes,
        cells.first_uploaded_at AS uploaded_at,
        cells.captured_day AS day,
        date_trunc(
            'month', coalesce(try_strptime(nullif(cells.captured_day, ''), '%Y%m%d'), cells.uploaded_on)
        )::DATE AS month,
        split_part(cells.noted_key, '/', -1) AS file_name,
        regexp_extract(cells.noted_key, '(?:^|[^0-9])([0-9]{8})T[0-9]{6}(?:[^0-9]|$)', 1) AS written_day,
        devices.extensions,
        devices.in_use_from,
        coalesce(devices.in_use_to, DATE '9999-12-31') AS in_use_to,
        reports.report_at
    FROM facts.cells AS cells
    JOIN staging.reports AS reports USING (report_no)
    LEFT JOIN raw.devices AS devices USING (device_id)
    WHERE cells.cut = 'day' AND cells.kind = 'image' AND cells.noted_key IS NOT NULL
),

dated AS (
    SELECT
        *,
        CASE WHEN written_day <> '' THEN try_strptime(written_day, '%Y%m%d')::DATE END AS written_on,
        coalesce(try_strptime(nullif(day, ''), '%Y%m%d')::DATE, written_on) AS captured_on
    FROM noted
)

SELECT
    source_bucket,
    key,
    version_id,
    device_id,
    unit_id,
    storage_class,
    extension,
    size_bytes,
    uploaded_at,
    captured_on,
    month,
    CASE
        -- UTF-8 read as cp932 mixes kanji with half-width kana, read as Latin-1 it doubles accented capitals.
        WHEN regexp_matches(
            key,
            '\x{FFFD}|[\x{C2}-\x{EF}][\x{80}-\x{BF}]|\p{Han}[\x{FF61}-\x{FF9F}]|[\x{FF61}-\x{FF9F}]\p{Han}|[縺繧繝]'
        )
            THEN 'mojibake'
        WHEN regexp_matches(key, '[\x{0}-\x{1F}\x{7F}-\x{9F}\x{AD}\x{200B}-\x{200F}\x{202A}-\x{202E}\x{2060}-\x{206F}\x{FEFF}]')
            THEN 'hidden_character'
        WHEN key <> nfc_normalize(key) THEN 'nfd_text'
        WHEN regexp_matches(key, '[\x{FF01}-\x{FF5E}\x{3000}\x{FFE0}-\x{FFE6}]') THEN 'full_width'
        WHEN regexp_matches(file_name, '(?i)\([0-9]+\)\.[^.]+$|[ _-]copy(?: ?[0-9]+)?\.[^.]+$|コピー') THEN 'copy_suffix'
        WHEN looks_like_patient(key) THEN 'patient_identifier'
        WHEN regexp_matches(key, '\s') THEN 'contains_space'
        WHEN strlen(key) > 1024 THEN 'too_long'
        WHEN device_id = 'unattributed' THEN 'unknown_device'
        WHEN regexp_matches(file_name, '(?i)^(?:IMG_E?[0-9]{4}|DSC[_FN]?[0-9]{4}|_MG_[0-9]{4}|P[0-9]{7}|image)\.')
            THEN 'camera_default_name'
        WHEN written_day <> '' AND written_on IS NULL THEN 'impossible_date'
        WHEN captured_on IN (DATE '1970-01-01', DATE '2000-01-01', DATE '2016-01-01') THEN 'clock_reset'
        WHEN captured_on < in_use_from THEN 'date_before_device'
        WHEN captured_on > least(in_use_to, report_at::DATE + 1) THEN 'date_in_future'
        WHEN NOT list_contains(extensions, extension) THEN 'extension_not_allowed'
        WHEN regexp_matches(file_name, '\.[a-z0-9]*[A-Z][A-Za-z0-9]*$') THEN 'upper_case_extension'
        WHEN unit_id = '' THEN 'unknown_unit'
        WHEN day <> '' AND NOT contains(replace(key, '/', ''), unit_id || day) THEN 'date_mismatch'
        WHEN
            day <> '' AND NOT contains(file_name, day)
            AND regexp_matches(file_name, '(?:^|[^0-9])[0-9]{8}(?:[^0-9]|$)')
            THEN 'date_mismatch'
        WHEN day <> '' THEN 'wrong_folder'
        WHEN EXISTS (
            SELECT 1 FROM raw.devices AS other
            WHERE other.device_id <> dated.device_id AND starts_with(file_name, other.device_id || '-')
        ) THEN 'wrong_folder'
        ELSE 'pattern_mismatch'
    END AS reason
FROM dated
