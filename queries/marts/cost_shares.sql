-- purpose: Each month's bill shared out by what caused it; one row per month, kind of cost, class, part and device. `part`
--   is 'device' for what a device's images caused, with their companions and derived pictures, else the name of the rest: other kinds of objects, what is billed
--   but in no report (overhead of archived objects, unfinished uploads, days without a report), tax and so on. `basis` is
--   what the sharing follows; where the bill's export tells in which regions the buckets lie, each region's costs follow
--   what is kept there, for prices differ. The rows of a month and kind of cost add up to the bill; what rounding leaves is a row.
-- columns: month, category, storage_class, part, device_id, basis, cost_usd, is_estimated
WITH lines AS (
    SELECT
        month,
        category,
        storage_class,
        CASE
            WHEN category IN ('tax', 'credit', 'refund', 'looking', 'other') THEN ''
            WHEN category = 'requests' AND storage_class = 'STANDARD' AND usage_type LIKE '%Requests-Tier1' THEN 'uploads'
            WHEN category = 'transfer' THEN 'byte_days'
            WHEN storage_class = '' THEN ''
            WHEN category IN ('requests', 'monitoring', 'transition') THEN 'object_days'
            ELSE 'byte_days'
        END AS basis,
        CASE WHEN category = 'transfer' OR usage_type LIKE '%Requests-Tier1' THEN '' ELSE storage_class END AS cause_class,
        CASE
            WHEN basis IN ('', 'uploads') OR NOT EXISTS (SELECT 1 FROM marts.bucket_regions) THEN ''
            ELSE billed_region(usage_type)
        END AS region_code,
        sum(cost_usd) AS cost_usd,
        sum(usage_amount) FILTER (category = 'storage' AND usage_unit = 'GB-Mo') AS gb_months,
        bool_or(is_estimated) AS is_estimated
    FROM marts.cost_months
    GROUP BY ALL
),

uploads AS (
    SELECT date_trunc('month', uploaded_on)::DATE AS month, device_id, kind, sum(object_count) AS weight
    FROM marts.uploads
    GROUP BY ALL
),

causes AS (
    SELECT month, 'byte_days' AS basis, storage_class AS cause_class, region_code, device_id, kind,
        sum(byte_days) AS weight
    FROM marts.storage_days
    GROUP BY ALL
    UNION ALL
    SELECT month, 'object_days', storage_class, region_code, device_id, kind, sum(object_days)
    FROM marts.storage_days
    GROUP BY ALL
    UNION ALL
    SELECT month, 'byte_days', '', region_code, device_id, kind, sum(byte_days) FROM marts.storage_days GROUP BY ALL
    UNION ALL
    SELECT month, 'uploads', '', '', device_id, kind, weight FROM uploads
),

totals AS (
    SELECT month, basis, cause_class, region_code, sum(weight) AS weight FROM causes GROUP BY ALL HAVING sum(weight) > 0
),

regions AS (
    SELECT month, list(DISTINCT region_code) AS listed_regions FROM marts.storage_days GROUP BY month
),

listed AS (
    SELECT
        lines.*,
        totals.weight AS total_weight,
        -- Of what is billed as kept, only what the reports list can be somebody's.
        CASE
            WHEN lines.category = 'storage' AND lines.gb_months > 0
                THEN least(1, totals.weight / 1073741824 / day(last_day(lines.month)) / lines.gb_months)
            ELSE 1
        END::DECIMAL(18, 15) AS listed_share
    FROM lines
    LEFT JOIN totals USING (month, basis, cause_class, region_code)
),

shared AS (
    SELECT
        listed.month,
        listed.category,
        listed.storage_class,
        CASE WHEN causes.kind IN ('image', 'companion', 'derivative') THEN 'device' ELSE causes.kind END AS part,
        CASE WHEN causes.kind IN ('image', 'companion', 'derivative') THEN causes.device_id ELSE '' END AS device_id,
        listed.basis,
        sum(
            (listed.cost_usd * (listed.listed_share * causes.weight / listed.total_weight)::DECIMAL(18, 15))
            ::DECIMAL(38, 10)
        ) AS cost_usd,
        listed.is_estimated
    FROM listed
    JOIN causes USING (month, basis, cause_class, region_code)
    WHERE listed.total_weight IS NOT NULL
    GROUP BY ALL
    UNION ALL
    SELECT
        month,
        category,
        storage_class,
        CASE
            WHEN basis = '' AND category IN ('tax', 'credit', 'refund', 'looking') THEN category
            WHEN basis = '' THEN 'no_cause'
            -- Of a region in which no bucket has reports.
            WHEN basis <> 'uploads' AND NOT list_contains(regions.listed_regions, region_code) THEN 'not_listed'
            WHEN total_weight IS NULL THEN 'no_report'
            ELSE 'not_listed'
        END AS part,
        '' AS device_id,
        basis,
        CASE
            WHEN basis = '' OR total_weight IS NULL THEN cost_usd
            ELSE (cost_usd * (1 - listed_share))::DECIMAL(38, 10)
        END AS cost_usd,
        is_estimated
    FROM listed
    LEFT JOIN regions USING (month)
    WHERE basis = '' OR total_weight IS NULL OR listed_share < 1
),

rounding AS (
    SELECT
        lines.month,
        lines.category,
        lines.storage_class,
        'rounding' AS part,
        '' AS device_id,
        lines.basis,
        lines.cost_usd - coalesce(shared.cost_usd, 0) AS cost_usd,
        lines.is_estimated
    FROM (
        SELECT month, category, storage_class, basis, sum(cost_usd) AS cost_usd, bool_or(is_estimated) AS is_estimated
        FROM lines
        GROUP BY ALL
    ) AS lines
    LEFT JOIN (
        SELECT month, category, storage_class, basis, sum(cost_usd) AS cost_usd FROM shared GROUP BY ALL
    ) AS shared USING (month, category, storage_class, basis)
)

SELECT month, category, storage_class, part, device_id, basis, sum(cost_usd)::DECIMAL(38, 10) AS cost_usd,
    bool_or(is_estimated) AS is_estimated
FROM shared
GROUP BY ALL
UNION ALL
SELECT month, category, storage_class, part, device_id, basis, cost_usd, is_estimated
FROM rounding
WHERE cost_usd <> 0
ORDER BY month, category, storage_class, part, device_id
