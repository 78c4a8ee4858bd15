-- purpose: The lines of one month's bill, dearest first; one row per service, usage type and operation. `purpose` is a
--   phrase of the dashboard that says in plain words what a line is for; `lines_usd` is the sum of the rows,
--   `bill_usd` that of the whole month.
-- params:  month=NULL, categories=NULL
-- columns: category, purpose, cost_class, cost_usd, cost_jpy, cost_share, used, usage_amount, usage_unit, usage_type,
--   operation, service, is_estimated, lines_usd, bill_usd, bill_jpy, month
WITH chosen AS (
    SELECT max(month) FILTER ($month IS NULL OR strftime(month, '%Y-%m') = $month) AS month
    FROM marts.cost_months
),

bill AS (
    SELECT
        lines.*,
        regexp_replace(lines.usage_type, '^(?:[A-Z]{2,4}[0-9]?-)+', '') AS usage,
        sum(lines.cost_usd) OVER () AS bill_usd,
        rates.jpy_per_usd
    FROM marts.cost_months AS lines
    JOIN chosen USING (month)
    LEFT JOIN marts.exchange_rates AS rates USING (month)
)

SELECT
    category,
    CASE
        WHEN category = 'tax' THEN 'Tax'
        WHEN category = 'credit' THEN 'Credits'
        WHEN category = 'refund' THEN 'Refunds'
        WHEN usage LIKE 'Inventory-%' THEN 'Inventory reports'
        WHEN category = 'looking' AND operation = 'GetObjectTagging' THEN 'Reading tags'
        WHEN category = 'looking' THEN 'Storage statistics'
        WHEN category = 'monitoring' THEN 'Tiering by use (monitoring)'
        WHEN category = 'early_deletion' THEN 'Deleting before the minimum time'
        WHEN category = 'transition' THEN 'Moving to another class'
        WHEN usage LIKE '%Staging%' THEN 'Keeping unfinished uploads'
        WHEN usage LIKE 'TagStorage%' THEN 'Keeping object tags'
        WHEN category = 'storage' THEN 'Keeping objects'
        WHEN operation IN ('RestoreObject', 'DeepArchiveRestoreObject') THEN 'Restoring from the archive'
        WHEN category = 'retrieval' THEN 'Reading from cold classes'
        WHEN usage LIKE 'BatchOperations-%' THEN 'Batch jobs'
        WHEN usage LIKE 'Requests-%Tier1' THEN 'Uploading, copying and listing'
        WHEN usage LIKE 'Requests-%Tier2' THEN 'Opening objects'
        WHEN category = 'requests' THEN 'Other requests'
        WHEN usage LIKE 'DataTransfer-Out%' THEN 'Transfer to the internet'
        WHEN usage LIKE 'DataTransfer-In%' THEN 'Transfer from the internet'
        WHEN usage_type LIKE '%AWS-In-%' OR usage_type LIKE '%AWS-Out-%' THEN 'Transfer between regions'
        WHEN category = 'transfer' THEN 'Other transfer'
        ELSE 'Other'
    END AS purpose,
    storage_class AS cost_class,
    cost_usd,
    (cost_usd * jpy_per_usd)::DECIMAL(38, 10) AS cost_jpy,
    cost_usd / nullif(bill_usd, 0) AS cost_share,
    coalesce(CASE WHEN usage_unit <> 'N/A' THEN format('{:,.2f} {}', usage_amount::DOUBLE, usage_unit) END, '') AS used,
    usage_amount,
    usage_unit,
    usage_type,
    operation,
    service,
    is_estimated,
    sum(cost_usd) OVER () AS lines_usd,
    bill_usd,
    (bill_usd * jpy_per_usd)::DECIMAL(38, 10) AS bill_jpy,
    month
FROM bill
WHERE ($categories IS NULL OR list_contains($categories, category))
ORDER BY cost_usd DESC, service, usage_type, operation
