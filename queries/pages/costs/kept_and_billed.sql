-- purpose: What the reports of one month listed as kept beside what was billed as kept; one row per class and tier. One GB
--   is 2^30 bytes. `overhead_gb_months` is what each archived object is billed for beside its bytes: 32 KiB in its class
--   and 8 KiB in Standard.
-- params:  month=NULL
-- columns: month, storage_class, access_tier, listed_gb_months, overhead_gb_months, billed_gb_months, billed_usd
WITH chosen AS (
    SELECT max(month) FILTER ($month IS NULL OR strftime(month, '%Y-%m') = $month) AS month
    FROM marts.cost_months
),

kept AS (
    SELECT
        storage_class,
        access_tier,
        sum(byte_days) / 1073741824 / day(last_day(any_value(month))) AS gb_months,
        sum(object_days) / day(last_day(any_value(month))) AS object_months
    FROM marts.storage_days
    JOIN chosen USING (month)
    WHERE storage_class <> ''
    GROUP BY ALL
),

archived AS (
    SELECT coalesce(sum(object_months), 0) AS object_months FROM kept WHERE storage_class IN ('GLACIER', 'DEEP_ARCHIVE')
),

billed AS (
    SELECT
        storage_class,
        CASE
            WHEN usage_type LIKE '%-INT-FA-%' THEN 'FREQUENT'
            WHEN usage_type LIKE '%-INT-IA-%' THEN 'INFREQUENT'
            WHEN usage_type LIKE '%-INT-AIA-%' THEN 'ARCHIVE_INSTANT_ACCESS'
            WHEN usage_type LIKE '%-INT-AA-%' THEN 'ARCHIVE'
            WHEN usage_type LIKE '%-INT-DAA-%' THEN 'DEEP_ARCHIVE'
            ELSE ''
        END AS access_tier,
        sum(usage_amount) AS gb_months,
        sum(cost_usd) AS cost_usd
    FROM marts.cost_months
    JOIN chosen USING (month)
    WHERE category = 'storage' AND storage_class <> '' AND usage_unit = 'GB-Mo'
    GROUP BY ALL
)

SELECT
    (SELECT month FROM chosen) AS month,
    coalesce(kept.storage_class, billed.storage_class) AS storage_class,
    coalesce(kept.access_tier, billed.access_tier) AS access_tier,
    coalesce(kept.gb_months, 0)::DECIMAL(38, 10) AS listed_gb_months,
    CASE
        WHEN kept.storage_class IN ('GLACIER', 'DEEP_ARCHIVE') THEN kept.object_months * 32768 / 1073741824
        WHEN coalesce(kept.storage_class, billed.storage_class) = 'STANDARD'
            THEN (SELECT object_months FROM archived) * 8192 / 1073741824
        ELSE 0
    END::DECIMAL(38, 10) AS overhead_gb_months,
    coalesce(billed.gb_months, 0)::DECIMAL(38, 10) AS billed_gb_months,
    coalesce(billed.cost_usd, 0)::DECIMAL(38, 10) AS billed_usd
FROM kept
FULL JOIN billed ON billed.storage_class = kept.storage_class AND billed.access_tier = kept.access_tier
ORDER BY storage_class, access_tier
