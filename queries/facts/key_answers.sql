-- purpose: Which of the keys that were asked for are there, and whether as a current object; one row per key that is.
-- kept:    no
-- columns: source_bucket, key, is_current
SELECT
    questions.source_bucket,
    questions.key,
    bool_or(objects.is_latest AND NOT objects.is_delete_marker AND objects.size_bytes IS DISTINCT FROM 0) AS is_current
FROM facts.key_questions AS questions
JOIN facts.fingerprints AS objects ON objects.object_hash = hash(questions.source_bucket, questions.key)
GROUP BY questions.source_bucket, questions.key
