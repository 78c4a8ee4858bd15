-- purpose: Share of misnamed images in the reports of the last year, for the line in the key figure; one row per day.
-- params:  devices=NULL
-- columns: reported_on, misnamed_share
SELECT reported_on, 1 - sum(good_name_count) / nullif(sum(object_count), 0) AS misnamed_share
FROM marts.trend
WHERE kind = 'image'
  AND ($devices IS NULL OR list_contains($devices, device_id))
  AND reported_on > (SELECT max(reported_on) FROM marts.trend) - INTERVAL 365 DAY
GROUP BY reported_on
ORDER BY reported_on
