-- purpose: The good name each bad one stands for, as far as it can be derived, with what that rests on or what is
--   missing; one row per image. Whether the name is still free is asked afterwards, for all of them at once.
-- kept:    no
-- columns: image_no, source_bucket, proposed_key, basis, missing, right_device_id, name_unit_id, name_time, number_text,
--   last_number_text
--
-- The last five are what the name itself says, whether or not a good one follows from it.
WITH tidied AS (
    SELECT
        image_no,
        source_bucket,
        device_id,
        to_local(uploaded_at) AS uploaded_local,
        tidied(key) AS clean_key
    FROM facts.unjudged
),

cut AS (
    SELECT
        *,
        left(clean_key, length(clean_key) - length(split_part(clean_key, '/', -1))) AS folder,
        regexp_extract(clean_key, '\.([A-Za-z0-9]{1,10})$', 1) AS written_extension,
        regexp_replace(
            regexp_replace(split_part(clean_key, '/', -1), '\.[A-Za-z0-9]{1,10}$', ''),
            '(?i)(?:[ _-]*\([0-9]+\)|[ _-]+copy(?: ?[0-9]+)?|の?[ _-]*コピー)+$',
            ''
        ) AS stem
    FROM tidied
),

-- A time of day stands in 14 digits, whatever separates them, and the number right behind it. Four digits that are no
-- year of such a time are something else: the month and day of a short date, R080904_20260904T130252.
read AS (
    SELECT
        *,
        CASE WHEN device_id <> 'unattributed' THEN device_id ELSE loose_device(clean_key) END AS folder_device_id,
        device_in_name(stem) AS name_device_id,
        regexp_replace(
            regexp_extract(
                stem,
                '(?:^|[^0-9])((?:19|20)[0-9]{2}[-_.]?[0-9]{2}[-_.]?[0-9]{2}[T_ .-]?[0-9]{2}[-_.:]?[0-9]{2}[-_.:]?[0-9]{2})(?:[^0-9]|$)',
                1
            ),
            '[^0-9]', '', 'g'
        ) AS time_text,
        regexp_replace(
            regexp_extract(stem, '(?:^|[^0-9])((?:19|20)[0-9]{2}[-_.]?[0-9]{2}[-_.]?[0-9]{2})(?:[^0-9]|$)', 1),
            '[^0-9]', '', 'g'
        ) AS day_text,
        replace(regexp_extract(folder, '/([0-9]{4}/?-?[0-9]{2}/?-?[0-9]{2})/', 1), '/', '') AS folder_text,
        regexp_extract(
            stem,
            '(?:^|[^0-9])(?:19|20)[0-9]{2}[-_.]?[0-9]{2}[-_.]?[0-9]{2}(?:[T_ .-]?[0-9]{2}[-_.:]?[0-9]{2}[-_.:]?[0-9]{2})?[-_ .]+([0-9]{1,9})(?:[^0-9]|$)',
            1
        ) AS number_text,
        regexp_extract(stem, '[-_ .]([0-9]{1,18})$', 1) AS last_number_text,
        regexp_extract(stem, '(?i)^(?:IMG_E?|DSC[_FN]?|_MG_|P[0-9]{3})([0-9]{4})$', 1) AS camera_number
    FROM cut
),

timed AS (
    SELECT
        *,
        try_strptime(nullif(time_text, ''), '%Y%m%d%H%M%S') AS name_time,
        try_strptime(nullif(CASE WHEN time_text <> '' THEN left(time_text, 8) ELSE day_text END, ''), '%Y%m%d')::DATE
            AS name_on,
        try_strptime(nullif(replace(folder_text, '-', ''), ''), '%Y%m%d')::DATE AS folder_on,
        loose_unit(clean_key) AS folder_unit_id,
        loose_name_unit(name_device_id, stem) AS other_unit_id
    FROM read
),

-- The file was named by its device and put into a folder by a person: a whole name outweighs its folder, unless the
-- device it names makes no such files.
placed AS (
    SELECT
        *,
        name_device_id NOT IN ('', folder_device_id) AND other_unit_id <> '' AND name_time IS NOT NULL
        AND known_extension(name_device_id, written_extension) <> '' AS is_moved,
        CASE WHEN is_moved THEN name_device_id ELSE folder_device_id END AS right_device_id,
        name_device_id NOT IN ('', right_device_id) AS is_name_foreign
    FROM timed
),

parted AS (
    SELECT
        *,
        known_extension(right_device_id, written_extension) AS right_extension,
        CASE WHEN is_name_foreign THEN '' ELSE loose_name_unit(right_device_id, stem) END AS name_unit_id,
        CASE WHEN name_unit_id <> '' THEN name_unit_id ELSE folder_unit_id END AS right_unit_id,
        CASE
            WHEN name_time IS NOT NULL AND coalesce(folder_on = name_on, folder_text = '') THEN 'name'
            WHEN
                name_time IS NOT NULL AND folder_on <> name_on AND folder_on <> uploaded_local::DATE
                AND uploaded_local BETWEEN name_time AND name_time + INTERVAL 12 HOUR
                THEN 'name_and_upload_time'
            WHEN time_text <> '' THEN ''
            WHEN
                NOT names_hours(right_device_id) AND coalesce(name_on, folder_on) IS NOT NULL
                AND coalesce(name_on = folder_on, true)
                THEN 'name'
            WHEN folder_on = uploaded_local::DATE AND coalesce(name_on = folder_on, true) THEN 'upload_time'
            ELSE ''
        END AS time_basis,
        CASE
            WHEN time_basis = '' THEN NULL
            WHEN time_basis = 'upload_time' THEN uploaded_local
            ELSE coalesce(name_time, name_on, folder_on)
        END AS right_time,
        coalesce(try_cast(nullif(number_text, '') AS BIGINT), try_cast(nullif(camera_number, '') AS BIGINT), 1)
            AS right_number
    FROM placed
),

written AS (
    SELECT
        *,
        right_name(
            right_device_id, nullif(right_unit_id, ''), right_time, right_number, nullif(right_extension, '')
        ) AS put_together,
        -- Where no template can be filled in: the same name without what certainly does not belong there.
        coalesce(
            put_together, regexp_replace(folder || stem || '.' || right_extension, '\s+', '', 'g')
        ) AS candidate_key
    FROM parted
),

parsed AS (
    SELECT *, device_of(candidate_key) AS candidate_device_id, parse_key(candidate_key) AS parts FROM written
),

-- The join keeps DuckDB from writing the whole of parse_key into each of the places below that name `parts`.
parsed_once AS (SELECT parsed.* FROM parsed CROSS JOIN (SELECT 1 AS one) AS barrier),

judged AS (
    SELECT
        *,
        coalesce(parts.ext, '') <> ''
        AND coalesce(is_consistent(candidate_device_id, parts, captured_day_of(candidate_device_id, parts)), false)
        AND strlen(candidate_key) <= 1024 AS is_good
    FROM parsed_once
)

SELECT
    image_no,
    source_bucket,
    CASE WHEN is_good THEN candidate_key END AS proposed_key,
    CASE
        WHEN NOT is_good THEN ''
        WHEN put_together IS NULL THEN 'name'
        WHEN time_basis = 'upload_time' THEN 'upload_time'
        WHEN time_basis = 'name_and_upload_time' THEN 'name_and_upload_time'
        WHEN is_moved OR (name_unit_id <> '' AND folder_unit_id NOT IN ('', name_unit_id)) THEN 'name_over_folder'
        WHEN is_name_foreign THEN 'folder_and_extension'
        WHEN number_text = '' AND contains(put_together, lpad(right_number::VARCHAR, 2, '0')) THEN 'free_number'
        ELSE 'name'
    END AS basis,
    CASE
        WHEN is_good THEN ''
        WHEN right_device_id = 'unattributed' THEN 'device'
        WHEN right_unit_id = '' THEN 'unit'
        WHEN right_extension = '' THEN 'extension'
        WHEN right_time IS NULL OR put_together IS NOT NULL THEN 'capture_time'
        ELSE 'template'
    END AS missing,
    right_device_id,
    name_unit_id,
    name_time,
    number_text,
    last_number_text
FROM judged
