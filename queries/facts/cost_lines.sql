-- purpose: Billed lines with the category and storage class their usage type stands for; one row per line. What is no
--   usage has its type of record (Tax, Credit, Refund, ...) as operation. Answers kept from before records were told
--   apart have no type; there the operation says it where it can.
-- columns: breakdown, granularity, start_on, service, usage_type, operation, tag_value, account_id, bucket,
--   category, storage_class, cost_usd, usage_amount, usage_unit, is_estimated, asked_at
WITH named AS (
    -- Region codes by name: a looser rule would take the AWS- of AWS-Out-Bytes for one.
    SELECT
        *,
        regexp_replace(
            usage_type,
            '^(?:(?:AF[SN]?|AP[NSE]|CA[NW]?|CN[NW]|CPT|EU[CNSW]?|IL[C]?|ME[CS]|MX[C]?|SA[E]?|UG[EW]|US[EW])[0-9]?-)+',
            ''
        ) AS usage,
        CASE
            WHEN record_type <> '' THEN record_type
            WHEN operation IN ('Tax', 'Credit', 'Refund') THEN operation
            WHEN usage_type ILIKE '%tax%' THEN 'Tax'
            WHEN cost_usd < 0 AND usage_type = '' THEN 'Credit'
            ELSE 'Usage'
        END AS record
    FROM staging.cost_lines
)

SELECT
    breakdown,
    granularity,
    start_on,
    service,
    usage_type,
    CASE WHEN record = 'Usage' THEN operation ELSE record END AS operation,
    tag_value,
    account_id,
    bucket,
    CASE
        WHEN record = 'Tax' THEN 'tax'
        WHEN record = 'Credit' THEN 'credit'
        WHEN record = 'Refund' THEN 'refund'
        WHEN record <> 'Usage' THEN 'other'
        WHEN
            usage LIKE 'Inventory-%' OR usage LIKE 'StorageLens%' OR usage LIKE 'StorageAnalytics-%'
            OR operation = 'GetObjectTagging' OR service = 'AWS Cost Explorer'
            THEN 'looking'
        WHEN usage LIKE 'EarlyDelete%' THEN 'early_deletion'
        WHEN usage LIKE 'Monitoring-Automation%' THEN 'monitoring'
        WHEN usage LIKE '%Retrieval%' OR operation IN ('RestoreObject', 'DeepArchiveRestoreObject') THEN 'retrieval'
        WHEN operation LIKE '%Transition' THEN 'transition'
        WHEN usage LIKE '%TimedStorage%' OR usage LIKE 'TagStorage%' THEN 'storage'
        WHEN usage LIKE 'Requests-%' OR usage LIKE 'BatchOperations-%' THEN 'requests'
        WHEN usage LIKE '%-Bytes' OR usage LIKE '%-ABytes%' OR usage LIKE '%DataTransfer%' THEN 'transfer'
        ELSE 'other'
    END AS category,
    CASE
        WHEN record <> 'Usage' OR usage_type = '' THEN ''
        WHEN usage LIKE '%INT-%' OR usage LIKE '%-INT' OR operation LIKE '%INTTransition' THEN 'INTELLIGENT_TIERING'
        WHEN usage LIKE '%-SIA%' OR operation LIKE '%SIATransition' THEN 'STANDARD_IA'
        WHEN usage LIKE '%-ZIA%' OR operation LIKE '%ZIATransition' THEN 'ONEZONE_IA'
        WHEN usage LIKE '%-GIR%' OR operation LIKE '%GIRTransition' THEN 'GLACIER_IR'
        WHEN
            usage LIKE '%-GDA%' OR operation LIKE '%GDATransition' OR operation = 'DeepArchiveRestoreObject'
            OR service = 'Amazon S3 Glacier Deep Archive'
            THEN 'DEEP_ARCHIVE'
        WHEN
            usage LIKE '%Glacier%' OR usage LIKE '%GLACIER%' OR usage = 'EarlyDelete-ByteHrs'
            OR operation LIKE '%GlacierTransition' OR operation = 'RestoreObject' OR service = 'Amazon Glacier'
            THEN 'GLACIER'
        WHEN usage LIKE 'TimedStorage-RRS%' THEN 'REDUCED_REDUNDANCY'
        WHEN usage LIKE 'TimedStorage-ByteHrs%' OR usage LIKE 'Requests-Tier%' THEN 'STANDARD'
        ELSE ''
    END AS storage_class,
    cost_usd,
    usage_amount,
    usage_unit,
    is_estimated,
    asked_at
FROM named
