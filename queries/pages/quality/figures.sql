-- purpose: The key figures of names, labels and findings; exactly one row. Shares are of all current images; "before"
--   is 30 days before `today`, and known only for all reasons together. Coverage is NULL without a label source. "Other months" are those that the heat maps
--   leave out: outside the 14 months up to `today`. Strays belong to no device, or to no unit of the one
--   device chosen, so all of them are misnamed; the map of names leaves them out, and `other_misnamed_count` does too.
-- params:  today=NULL, devices=NULL, reasons=NULL
-- columns: image_count, misnamed_count, misnamed_share, misnamed_share_before, labelled_count,
--   unlabelled_count, unread_count, labelled_share, finding_count, urgent_count, stray_count,
--   other_misnamed_count, other_gap_count
WITH clock AS (
    SELECT
        coalesce($today::DATE, report_at::DATE) AS today,
        date_trunc('month', coalesce($today::DATE, report_at::DATE)) - INTERVAL 13 MONTH AS first_month
    FROM meta.snapshot
),

judged AS (
    SELECT
        quality.object_count,
        quality.device_id = 'unattributed' OR (coalesce(len($devices) = 1, false) AND quality.unit_id = '') AS is_stray,
        quality.reason <> '' AND ($reasons IS NULL OR list_contains($reasons, quality.reason)) AS is_misnamed,
        NOT coalesce(quality.month BETWEEN clock.first_month AND clock.today, false) AS is_other
    FROM marts.quality AS quality, clock
    WHERE ($devices IS NULL OR list_contains($devices, quality.device_id))
),

names AS (
    SELECT
        coalesce(sum(object_count), 0)::BIGINT AS image_count,
        coalesce(sum(object_count) FILTER (is_misnamed), 0)::BIGINT AS misnamed_count,
        coalesce(sum(object_count) FILTER (is_misnamed AND is_stray), 0)::BIGINT AS stray_count,
        coalesce(sum(object_count) FILTER (is_misnamed AND NOT is_stray AND is_other), 0)::BIGINT
            AS other_misnamed_count
    FROM judged
),

labels AS (
    SELECT
        sum(image_count)::BIGINT AS image_count,
        sum(labelled_count)::BIGINT AS labelled_count,
        sum(unlabelled_count)::BIGINT AS unlabelled_count,
        sum(unread_count)::BIGINT AS unread_count,
        coalesce(sum(image_count - labelled_count) FILTER (
            NOT coalesce(month BETWEEN clock.first_month AND clock.today, false)
        ), 0)::BIGINT AS other_gap_count
    FROM marts.label_coverage, clock
    WHERE ($devices IS NULL OR list_contains($devices, device_id))
),

past AS (
    SELECT
        trend.reported_on,
        1 - sum(trend.good_name_count) / nullif(sum(trend.object_count), 0) AS misnamed_share
    FROM marts.trend AS trend, clock
    WHERE trend.kind = 'image'
      AND $reasons IS NULL
      AND trend.reported_on <= clock.today - 30
      AND ($devices IS NULL OR list_contains($devices, trend.device_id))
    GROUP BY trend.reported_on
),

findings AS (
    SELECT
        coalesce(sum(finding_count), 0)::BIGINT AS finding_count,
        coalesce(sum(finding_count) FILTER (severity IN ('critical', 'high')), 0)::BIGINT AS urgent_count
    FROM alerts.counts
    WHERE ($devices IS NULL OR list_contains($devices, device_id))
)

SELECT
    names.image_count,
    names.misnamed_count,
    names.misnamed_count / nullif(names.image_count, 0) AS misnamed_share,
    (SELECT arg_max(misnamed_share, reported_on) FROM past) AS misnamed_share_before,
    labels.labelled_count,
    labels.unlabelled_count,
    labels.unread_count,
    labels.labelled_count / nullif(labels.image_count, 0) AS labelled_share,
    findings.finding_count,
    findings.urgent_count,
    names.stray_count,
    names.other_misnamed_count,
    labels.other_gap_count
FROM names, labels, findings
