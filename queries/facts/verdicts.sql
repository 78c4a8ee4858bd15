-- purpose: What is wrong with each bad name: every reason, the main one first; one row per image. This list is the only
--   place that knows the reasons; their order decides which is the main one.
-- kept:    no
-- columns: image_no, reasons, captured_on
WITH read AS (
    SELECT
        unjudged.*,
        split_part(unjudged.key, '/', -1) AS file_name,
        -- Bytes and characters are as many only in plain ASCII; most names need no look for anything else.
        strlen(unjudged.key) = length(unjudged.key) AS is_ascii,
        regexp_extract(unjudged.key, '(?:^|[^0-9])([0-9]{8})T[0-9]{6}(?:[^0-9]|$)', 1) AS written_day,
        replace(regexp_extract(unjudged.key, '/([0-9]{4}/[0-9]{2}/[0-9]{2})/', 1), '/', '') AS folder_day,
        regexp_extract(unjudged.key, '\.([A-Za-z0-9]{1,10})$', 1) AS written_extension,
        devices.extensions,
        devices.in_use_from,
        coalesce(devices.in_use_to, DATE '9999-12-31') AS in_use_to
    FROM facts.unjudged AS unjudged
    LEFT JOIN raw.devices AS devices USING (device_id)
),

dated AS (
    SELECT
        *,
        CASE WHEN written_day <> '' THEN try_strptime(written_day, '%Y%m%d')::DATE END AS written_on,
        CASE WHEN folder_day <> '' THEN try_strptime(folder_day, '%Y%m%d')::DATE END AS folder_on,
        coalesce(try_strptime(nullif(captured_day, ''), '%Y%m%d')::DATE, written_on) AS captured_on,
        regexp_matches(file_name, '(?i)\([0-9]+\)\.[^.]+$|[ _-]copy(?: ?[0-9]+)?\.[^.]+$|コピー') AS is_copy,
        -- UTF-8 read as cp932 mixes kanji with half-width kana, read as Latin-1 it doubles accented capitals.
        NOT is_ascii AND regexp_matches(
            key,
            '\x{FFFD}|[\x{C2}-\x{EF}][\x{80}-\x{BF}]|\p{Han}[\x{FF61}-\x{FF9F}]|[\x{FF61}-\x{FF9F}]\p{Han}|[縺繧繝]'
        ) AS is_garbled
    FROM read
),

compared AS (
    SELECT
        *,
        CASE WHEN captured_day <> '' THEN NOT coalesce(dates_agree(device_id, parse_key(key)), true) ELSE false END
        OR coalesce(folder_on <> written_on, false) AS is_date_split,
        coalesce(captured_on IN (DATE '1970-01-01', DATE '2000-01-01', DATE '2016-01-01'), false) AS is_reset,
        coalesce(captured_on < in_use_from, false) AS is_early,
        coalesce(captured_on > least(in_use_to, reported_on + 1), false) AS is_late
    FROM dated
),

listed AS (
    SELECT
        image_no,
        key,
        captured_on,
        [
            CASE WHEN is_garbled THEN 'mojibake' END,
            -- What names a patient is grave whatever else is wrong with it, such as the full-width space of 山田　花子.
            -- Garbled text holds kanji, and so does the word for a copy; neither is a name by that.
            CASE
                WHEN NOT is_garbled AND looks_like_patient(CASE WHEN is_copy THEN regexp_replace(key, '(?:の|- )?コピー', '') ELSE key END)
                    THEN 'patient_identifier'
            END,
            CASE WHEN has_hidden(key) THEN 'hidden_character' END,
            CASE WHEN NOT is_ascii AND key <> nfc_normalize(key) THEN 'nfd_text' END,
            CASE
                WHEN NOT is_ascii AND regexp_matches(key, '[\x{FF01}-\x{FF5E}\x{3000}\x{FFE0}-\x{FFE6}]') THEN 'full_width'
            END,
            CASE WHEN is_copy THEN 'copy_suffix' END,
            CASE WHEN regexp_matches(key, '[\s\x{3000}]') THEN 'contains_space' END,
            CASE WHEN strlen(key) > 1024 THEN 'too_long' END,
            CASE WHEN device_id = 'unattributed' THEN 'unknown_device' END,
            CASE
                WHEN regexp_matches(file_name, '(?i)^(?:IMG_E?[0-9]{4}|DSC[_FN]?[0-9]{4}|_MG_[0-9]{4}|P[0-9]{7}|image)\.')
                    THEN 'camera_default_name'
            END,
            CASE
                WHEN (written_day <> '' AND written_on IS NULL) OR (folder_day <> '' AND folder_on IS NULL)
                    THEN 'impossible_date'
            END,
            CASE WHEN is_reset THEN 'clock_reset' END,
            CASE WHEN is_early THEN 'date_before_device' END,
            CASE WHEN is_late THEN 'date_in_future' END,
            CASE
                WHEN NOT list_contains(extensions, extension) AND NOT list_contains(extensions, written_extension)
                    THEN 'extension_not_allowed'
            END,
            CASE
                WHEN
                    regexp_matches(file_name, '\.[a-z0-9]*[A-Z][A-Za-z0-9]*$')
                    AND NOT coalesce(list_contains(extensions, written_extension), false)
                    THEN 'upper_case_extension'
            END,
            CASE WHEN unit_id = '' AND device_id <> 'unattributed' THEN 'unknown_unit' END,
            CASE WHEN is_date_split THEN 'date_mismatch' END,
            CASE
                WHEN
                    (captured_day <> '' AND NOT (is_date_split OR is_reset OR is_early OR is_late))
                    OR coalesce(device_in_name(file_name) NOT IN ('', device_id), false)
                    THEN 'wrong_folder'
            END
        ] AS marks
    FROM compared
),

found AS (
    SELECT image_no, key, captured_on, list_filter(marks, lambda mark: mark IS NOT NULL) AS reasons FROM listed
)

SELECT
    image_no,
    CASE
        -- First of all a space: what is said of other characters does not hold, so these are merely not allowed.
        WHEN reasons[1] = 'contains_space' AND regexp_matches(key, '[^A-Za-z0-9._/\s-]') THEN reasons || ['pattern_mismatch']
        WHEN len(reasons) > 0 THEN reasons
        ELSE ['pattern_mismatch']
    END AS reasons,
    captured_on
FROM found
