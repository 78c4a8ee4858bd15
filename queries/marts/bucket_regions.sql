-- purpose: In which region each bucket with reports lies, as the bill's export tells it by its lines of storage; one row
--   per bucket, none at all unless every bucket's is known. `region_code` is what usage types begin with (APN1 = Tokyo), ''
--   for N. Virginia, where they begin with nothing.
-- columns: source_bucket, region_code
WITH billed AS (
    SELECT
        bucket AS source_bucket,
        arg_max(billed_region(usage_type), start_on) AS region_code
    FROM facts.cost_lines
    WHERE breakdown = 'usage' AND granularity = 'MONTHLY' AND category = 'storage' AND bucket <> ''
    GROUP BY bucket
),

reported AS (
    SELECT buckets.source_bucket, billed.region_code, bool_and(billed.region_code IS NOT NULL) OVER () AS is_told
    FROM (SELECT DISTINCT source_bucket FROM facts.history) AS buckets
    LEFT JOIN billed USING (source_bucket)
)

SELECT source_bucket, region_code
FROM reported
WHERE is_told
ORDER BY source_bucket
