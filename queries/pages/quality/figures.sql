-- purpose: The key figures of names, labels and findings; exactly one row. Shares are of all current images; "before"
--   is 30 days before `today`. Coverage is NULL without a label source. "Other months" are those that the heat maps
--   leave out: outside the 14 months up to `today`.
-- params:  today=NULL, devices=NULL
-- columns: image_count, misnamed_count, misnamed_bytes, misnamed_share, misnamed_share_before, labelled_count,
--   unlabelled_count, unread_count, labelled_share, finding_count, urgent_count, other_image_count,
--   other_misnamed_count, other_gap_count
WITH clock AS (
    SELECT
        coalesce($today::DATE, report_at::DATE) AS today,
        date_trunc('month', coalesce($today::DATE, report_at::DATE)) - INTERVAL 13 MONTH AS first_month
    FROM meta.snapshot
),

names AS (
    SELECT
        coalesce(sum(object_count), 0)::BIGINT AS image_count,
        coalesce(sum(object_count) FILTER (reason <> ''), 0)::BIGINT AS misnamed_count,
        coalesce(sum(size_bytes) FILTER (reason <> ''), 0)::BIGINT AS misnamed_bytes,
        coalesce(sum(object_count) FILTER (
            NOT coalesce(month BETWEEN clock.first_month AND clock.today, false)
        ), 0)::BIGINT AS other_image_count,
        coalesce(sum(object_count) FILTER (
            reason <> '' AND NOT coalesce(month BETWEEN clock.first_month AND clock.today, false)
        ), 0)::BIGINT AS other_misnamed_count
    FROM marts.quality, clock
    WHERE ($devices IS NULL OR list_contains($devices, device_id))
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
      AND trend.reported_on <= clock.today - 30
      AND ($devices IS NULL OR list_contains($devices, trend.device_id))
    GROUP BY trend.reported_on
),

findings AS (
    SELECT count(*) AS finding_count, count(*) FILTER (severity IN ('critical', 'high')) AS urgent_count
    FROM alerts.findings
    WHERE ($devices IS NULL OR list_contains($devices, device_id))
)

SELECT
    names.image_count,
    names.misnamed_count,
    names.misnamed_bytes,
    names.misnamed_count / nullif(names.image_count, 0) AS misnamed_share,
    (SELECT arg_max(misnamed_share, reported_on) FROM past) AS misnamed_share_before,
    labels.labelled_count,
    labels.unlabelled_count,
    labels.unread_count,
    labels.labelled_count / nullif(labels.image_count, 0) AS labelled_share,
    findings.finding_count,
    findings.urgent_count,
    names.other_image_count,
    names.other_misnamed_count,
    labels.other_gap_count
FROM names, labels, findings
