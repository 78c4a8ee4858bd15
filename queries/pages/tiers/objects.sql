-- purpose: The objects behind a figure of the page, largest first; one row per listed object or version. `scope` names
--   them: all, an age band as in marts.tier_ages (whole days from upload to the bucket's newest report, on the archive's
--   clock), an access tier, or the band in which the first lifecycle rule is due, as in marts.lifecycle_moves; a point and
--   the new class behind it leave out what other rules do then (`later.GLACIER`).
-- params:  devices=NULL, storage_classes=NULL, kinds=NULL, scope='all', row_limit=50, row_offset=0
-- columns: source_bucket, key, version_id, device_id, kind, storage_class, access_tier, size_bytes, uploaded_at,
--   total_count
WITH reports AS (
    SELECT
        reports.source_bucket,
        (max(reports.report_at) AT TIME ZONE 'UTC' AT TIME ZONE any_value(snapshot.timezone))::DATE AS reported_on
    FROM marts.reports AS reports, meta.snapshot AS snapshot
    WHERE reports.is_current
    GROUP BY reports.source_bucket
),

objects AS NOT MATERIALIZED (
    SELECT listed.*, reports.reported_on - listed.uploaded_hour::DATE AS age_days
    FROM facts.objects AS listed
    LEFT JOIN reports USING (source_bucket)
    WHERE ($devices IS NULL OR list_contains($devices, listed.device_id))
      AND ($storage_classes IS NULL OR list_contains($storage_classes, listed.storage_class))
      AND ($kinds IS NULL OR list_contains($kinds, listed.kind))
),

ladder AS (
    SELECT * FROM (VALUES
        ('STANDARD', 0), ('REDUCED_REDUNDANCY', 0), ('STANDARD_IA', 1), ('INTELLIGENT_TIERING', 2), ('ONEZONE_IA', 3),
        ('GLACIER_IR', 4), ('GLACIER', 5), ('DEEP_ARCHIVE', 6), ('EXPIRED', 9)
    ) AS steps (class_id, step)
),

rules AS (
    SELECT source_bucket, prefix, after_days::INTEGER AS after_days, on_date, ladder.step, ladder.class_id AS to_class
    FROM marts.lifecycle_rules
    JOIN ladder ON ladder.class_id = CASE WHEN action = 'expiration' THEN 'EXPIRED' ELSE to_class END
    WHERE is_evaluated AND (after_days IS NOT NULL OR on_date IS NOT NULL)
),

ruled AS NOT MATERIALIZED (
    SELECT
        objects.*,
        -- Of rules that are due on one day the one that goes furthest is followed.
        list_min(list_transform(
            list_filter(
                in_force.rules,
                lambda rule: rule.source_bucket = objects.source_bucket
                    AND starts_with(objects.prefix || '/', rule.prefix)
                    AND rule.step > ladder.step
                    AND (rule.step = 9 OR objects.size_band NOT IN ('empty', 'under_128_kib'))
            ),
            lambda rule: {
                'in_days': coalesce(rule.on_date, objects.uploaded_hour::DATE + rule.after_days + 1)
                    - newest.reported_on,
                'turn': -rule.step,
                'to_class': rule.to_class
            }
        )) AS due
    FROM objects
    CROSS JOIN (SELECT list(rules) AS rules FROM rules) AS in_force
    CROSS JOIN (SELECT max(report_at)::DATE AS reported_on FROM marts.reports WHERE is_current) AS newest
    LEFT JOIN ladder ON ladder.class_id = objects.storage_class
    WHERE split_part($scope, '.', 1) IN ('within_7_days', 'within_30_days', 'within_90_days', 'later')
      AND objects.kind NOT IN ('noncurrent_version', 'delete_marker')
),

chosen AS NOT MATERIALIZED (
    SELECT source_bucket, key, version_id, device_id, kind, storage_class, access_tier, size_bytes, uploaded_at
    FROM objects
    WHERE $scope IN ('all', access_tier)
       OR $scope = CASE
           WHEN age_days IS NULL THEN 'unknown'
           WHEN age_days < 30 THEN 'under_30_days'
           WHEN age_days < 90 THEN 'from_30_days'
           WHEN age_days < 180 THEN 'from_90_days'
           WHEN age_days < 365 THEN 'from_180_days'
           ELSE 'from_365_days'
       END
    UNION ALL
    SELECT source_bucket, key, version_id, device_id, kind, storage_class, access_tier, size_bytes, uploaded_at
    FROM ruled
    WHERE due IS NOT NULL
      AND split_part($scope, '.', 1) = CASE
          WHEN due.in_days <= 7 THEN 'within_7_days'
          WHEN due.in_days <= 30 THEN 'within_30_days'
          WHEN due.in_days <= 90 THEN 'within_90_days'
          ELSE 'later'
      END
      AND split_part($scope, '.', 2) IN ('', due.to_class)
)

-- Counted by a scan of its own: a window would hold every chosen key in memory.
SELECT
    source_bucket,
    key,
    version_id,
    device_id,
    kind,
    storage_class,
    access_tier,
    size_bytes,
    uploaded_at,
    (SELECT count(*) FROM chosen) AS total_count
FROM chosen
ORDER BY size_bytes DESC NULLS LAST, source_bucket, key, version_id
LIMIT $row_limit OFFSET $row_offset
