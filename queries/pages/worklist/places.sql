-- purpose: Devices, units and months that hold images, by name as subjects of the rule unlabelled_images (device/unit/month),
--   with how many of their images are not known to be labelled; one row per place. In this order, and in each by bucket,
--   key and version, the images to label are listed. `months` as for these.
-- params:  today=NULL, devices=NULL, units=NULL, months=NULL, groups=NULL
-- columns: place, image_count
WITH clock AS (
    SELECT
        coalesce($today::DATE, report_at::DATE) AS today,
        date_trunc('month', coalesce($today::DATE, report_at::DATE)) - INTERVAL 13 MONTH AS first_month
    FROM meta.snapshot
),

images AS (
    SELECT
        device_id,
        unit_id,
        month,
        concat_ws('/', device_id, nullif(unit_id, ''), strftime(month, '%Y-%m')) AS place,
        sum(object_count) AS image_count
    FROM marts.quality
    CROSS JOIN clock
    WHERE ($devices IS NULL OR list_contains($devices, device_id))
      AND ($units IS NULL OR list_contains($units, unit_id))
      AND (
          $months IS NULL
          OR list_contains($months, strftime(month, '%Y-%m-01'))
          OR (
              list_contains($months, 'other')
              AND NOT coalesce(month BETWEEN clock.first_month AND clock.today, false)
          )
      )
    GROUP BY ALL
)

SELECT
    images.place,
    sum(coalesce(coverage.image_count - coverage.labelled_count, images.image_count))::BIGINT AS image_count
FROM images
LEFT JOIN marts.label_coverage AS coverage
    ON
        coverage.device_id = images.device_id
        AND coverage.unit_id = images.unit_id
        AND coverage.month IS NOT DISTINCT FROM images.month
WHERE $groups IS NULL OR list_contains($groups, images.place)
GROUP BY images.place
ORDER BY images.place
