-- purpose: Which of the keys that were asked for are there, from one scan of all keys; one row per listed row.
-- kept:    no
-- columns: source_bucket, key, is_current, size_bytes, uploaded_at
--
-- raw.objects is read instead of its staging view, and no ids: the join sees every row, and those take longest to read.
SELECT
    objects.bucket AS source_bucket,
    objects.key,
    coalesce(objects.is_latest, true) AND NOT coalesce(objects.is_delete_marker, false) AND objects.size > 0 AS is_current,
    coalesce(objects.size, 0) AS size_bytes,
    objects.last_modified_date AS uploaded_at
FROM raw.objects AS objects
JOIN facts.key_questions AS questions ON questions.key = objects.key AND questions.source_bucket = objects.bucket
WHERE questions.is_any_wanted OR coalesce(objects.is_latest, true)
