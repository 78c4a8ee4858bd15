-- purpose: Images without a label, by device, unit and month; one row per group.
-- title:    Images without a label
-- severity: medium
-- remedy:   Label the images of this unit and month; "Labels and names" lists them.
-- columns:  subject, device_id, size_bytes, occurred_at, reason, stored
--
-- Which class those without a label are in is known where none has one, or where all images of the group are in one.
WITH by_class AS (
    SELECT
        device_id,
        unit_id,
        date_trunc('month', coalesce(try_strptime(nullif(captured_day, ''), '%Y%m%d'), uploaded_on))::DATE AS month,
        storage_class,
        access_tier,
        sum(object_count) AS object_count,
        sum(billed_bytes(storage_class, object_count, size_bytes)) AS billed_bytes
    FROM facts.cells
    WHERE cut = 'day' AND kind = 'image'
    GROUP BY ALL
),

stored AS (
    SELECT
        device_id,
        unit_id,
        month,
        any_value(storage_class) AS storage_class,
        any_value(access_tier) AS access_tier,
        count(*) AS class_count,
        list(
            stored_in(storage_class, access_tier, object_count, billed_bytes, 0)
            ORDER BY storage_class, access_tier
        ) AS stored
    FROM by_class
    GROUP BY device_id, unit_id, month
)

SELECT
    concat_ws('/', coverage.device_id, nullif(coverage.unit_id, ''), strftime(coverage.month, '%Y-%m')) AS subject,
    coverage.device_id,
    nullif(coverage.unlabelled_size_bytes, 0) AS size_bytes,
    coverage.month::TIMESTAMP AS occurred_at,
    coverage.unlabelled_count || ' of ' || coverage.image_count AS reason,
    CASE
        WHEN coverage.unlabelled_count = coverage.image_count THEN stored.stored
        WHEN stored.class_count = 1 THEN [stored_in(
            stored.storage_class, stored.access_tier, coverage.unlabelled_count,
            billed_bytes(stored.storage_class, coverage.unlabelled_count, coverage.unlabelled_size_bytes), 0
        )]
    END AS stored
FROM marts.label_coverage AS coverage
LEFT JOIN stored
    ON
        stored.device_id = coverage.device_id
        AND stored.unit_id = coverage.unit_id
        AND stored.month IS NOT DISTINCT FROM coverage.month
WHERE coverage.unlabelled_count > 0
ORDER BY occurred_at DESC, subject
