-- purpose: Stored bytes by storage class over the last 400 days; one row per day with a report and class. A class that
--   was empty on a day has a row with 0 bytes, so that the areas of a chart do not bridge the gap.
-- params:  devices=NULL, storage_classes=NULL, kinds=NULL
-- columns: reported_on, storage_class, size_bytes
WITH stored AS (
    SELECT reported_on, storage_class, sum(size_bytes) AS size_bytes
    FROM marts.trend
    WHERE storage_class <> ''
      AND reported_on > (SELECT max(reported_on) FROM marts.trend) - INTERVAL 400 DAY
      AND ($devices IS NULL OR list_contains($devices, device_id))
      AND ($storage_classes IS NULL OR list_contains($storage_classes, storage_class))
      AND ($kinds IS NULL OR list_contains($kinds, kind))
    GROUP BY reported_on, storage_class
)

SELECT days.reported_on, classes.storage_class, coalesce(stored.size_bytes, 0)::BIGINT AS size_bytes
FROM (SELECT DISTINCT reported_on FROM stored) AS days
CROSS JOIN (SELECT DISTINCT storage_class FROM stored) AS classes
LEFT JOIN stored ON stored.reported_on = days.reported_on AND stored.storage_class = classes.storage_class
ORDER BY days.reported_on, classes.storage_class
