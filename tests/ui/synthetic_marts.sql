-- Invented marts for tests of the pages. Everything in here is made up.
CREATE SCHEMA marts; CREATE SCHEMA alerts; CREATE SCHEMA facts; CREATE SCHEMA meta;
SELECT setseed(0.42);
CREATE TABLE classes AS SELECT * FROM (VALUES ('STANDARD', 0.05, 0.023), ('INTELLIGENT_TIERING', 0.03, 0.02),
  ('STANDARD_IA', 0.06, 0.0125), ('ONEZONE_IA', 0.01, 0.01), ('GLACIER_IR', 0.14, 0.004), ('GLACIER', 0.25, 0.0036),
  ('DEEP_ARCHIVE', 0.46, 0.001)) AS t(storage_class, weight, price);
CREATE TABLE devices AS SELECT * FROM (VALUES ('ipad', 'IP', 0.4), ('dslr', 'DS', 1.2), ('microscope', 'MS', 2.1),
  ('bacteria', 'BM', 0.9), ('endoscope', 'EN', 1.6), ('xray', 'XR', 3.0), ('unattributed', '', 0.05)) AS t(device_id, short, weight);
CREATE TABLE marts.storage AS
  SELECT 'clinic-images' AS source_bucket, device_id, CASE WHEN short = '' THEN '' ELSE short || '-0' || unit END AS unit_id,
    kind, storage_class, '' AS access_tier, extension, size_band, device_id || '/' || short || '-0' || unit AS prefix,
    greatest(1, (400 * d.weight * c.weight * k.share)::BIGINT) AS object_count,
    (2.2e13 * d.weight * c.weight * k.share * b.share * (0.6 + 0.4 * unit))::BIGINT AS size_bytes
  FROM devices AS d, classes AS c, (VALUES (1), (2)) AS u(unit),
    (VALUES ('image', 1.0), ('noncurrent_version', 0.03), ('junk', 0.0004)) AS k(kind, share),
    (VALUES ('jpg', 'under_10_mib', 0.3), ('tif', 'under_100_mib', 0.6), ('', 'under_128_kib', 0.1)) AS b(extension, size_band, share)
  UNION ALL SELECT 'clinic-images', 'xray', 'XR-01', 'delete_marker', '', '', 'jpg', 'empty', 'xray/XR-01', 1234, 0;
CREATE TABLE marts.unfinished_uploads AS SELECT 'clinic-images' AS source_bucket, 'xray' AS device_id, 12 AS upload_count,
  5_000_000_000 AS size_bytes;
CREATE TABLE marts.uploads AS
  SELECT 'clinic-images' AS source_bucket, device_id, CASE WHEN short = '' THEN '' ELSE short || '-01' END AS unit_id, 'image' AS kind,
    'STANDARD' AS storage_class, day::DATE AS uploaded_on, (100 * weight)::BIGINT AS object_count,
    (8e10 * weight * (0.6 + 0.8 * random()) * CASE WHEN isodow(day) > 5 THEN 0.2 ELSE 1 END)::BIGINT AS size_bytes
  FROM devices, range(TIMESTAMP '2025-10-01', TIMESTAMP '2026-11-23', INTERVAL 1 DAY) AS r(day)
  WHERE NOT (day BETWEEN '2026-08-12' AND '2026-08-16');
CREATE TABLE marts.upload_hours AS SELECT device_id, date_trunc('month', uploaded_on)::DATE AS uploaded_month, isodow(uploaded_on) AS weekday,
    hour, sum(object_count)::BIGINT AS object_count, sum(size_bytes)::BIGINT AS size_bytes
  FROM marts.uploads, range(8, 19) AS h(hour) GROUP BY ALL;
CREATE TABLE marts.tier_ages AS SELECT source_bucket, device_id, kind, storage_class, access_tier, 'from_90_days' AS age_band,
    object_count, size_bytes FROM marts.storage;
CREATE TABLE marts.quality AS SELECT device_id, unit_id, month::DATE AS month, reason, (object_count * share)::BIGINT AS object_count,
    (size_bytes * share)::BIGINT AS size_bytes
  FROM marts.storage, range(TIMESTAMP '2026-05-01', TIMESTAMP '2026-11-01', INTERVAL 1 MONTH) AS r(month),
    (VALUES ('', 0.9), ('pattern_mismatch', 0.1)) AS s(reason, share)
  WHERE kind = 'image';
CREATE TABLE marts.label_coverage AS SELECT device_id, short || '-01' AS unit_id, DATE '2026-10-01' AS month, 1000 AS image_count,
    (600 + 120 * weight)::BIGINT AS labelled_count, 20 AS unread_count, 300 AS unlabelled_count, 10 AS unlabelled_size_bytes FROM devices WHERE short <> '';
CREATE TABLE marts.units AS SELECT device_id, short || '-01' AS unit_id, TIMESTAMP '2026-11-22' AS last_uploaded_at, 1000 AS image_count, 10 AS size_bytes, 30 AS image_count_30_days, 0 AS silent_days,
    4 AS silent_after_days, false AS is_silent FROM devices;
CREATE TABLE marts.trend AS
  SELECT day::DATE AS reported_on, s.device_id, s.kind, s.storage_class, s.access_tier, sum(s.object_count)::BIGINT AS object_count,
    (sum(s.size_bytes) * (1 - 0.0018 * date_diff('day', day, TIMESTAMP '2026-11-22')))::BIGINT AS size_bytes, 0 AS good_name_count
  FROM marts.storage AS s, range(TIMESTAMP '2026-08-01', TIMESTAMP '2026-11-23', INTERVAL 1 DAY) AS r(day)
  GROUP BY day, s.device_id, s.kind, s.storage_class, s.access_tier;
CREATE TABLE marts.cost_months AS
  SELECT month::DATE AS month, 'Amazon Simple Storage Service' AS service, 'APN1-TimedStorage' AS usage_type, '' AS operation,
    'storage' AS category, storage_class, (9000 * weight * (0.7 + 0.02 * date_diff('month', TIMESTAMP '2025-10-01', month))
      * CASE WHEN month >= '2026-11-01' THEN 0.7 ELSE 1 END)::DECIMAL(38, 10) AS cost_usd, 1::DECIMAL(38, 10) AS usage_amount, 'GB-Mo' AS usage_unit,
    month >= '2026-11-01' AS is_estimated
  FROM classes, range(TIMESTAMP '2025-10-01', TIMESTAMP '2026-12-01', INTERVAL 1 MONTH) AS r(month)
  UNION ALL SELECT month::DATE, 'Amazon Simple Storage Service', 'APN1-Requests-Tier1', 'PutObject', 'requests', '', 120.25, 1, 'Requests',
    month >= '2026-11-01' FROM range(TIMESTAMP '2025-10-01', TIMESTAMP '2026-12-01', INTERVAL 1 MONTH) AS r(month);
CREATE TABLE marts.cost_days AS SELECT day::DATE AS billed_on, 'Amazon Simple Storage Service' AS service, 'x' AS usage_type, '' AS operation,
    'storage' AS category, storage_class, (300 * weight * (0.9 + 0.2 * random()))::DECIMAL(38, 10) AS cost_usd, 1::DECIMAL(38, 10) AS usage_amount,
    'GB-Mo' AS usage_unit, false AS is_estimated FROM classes, range(TIMESTAMP '2026-10-01', TIMESTAMP '2026-11-22', INTERVAL 1 DAY) AS r(day);
CREATE TABLE marts.cost_statements AS SELECT month, 'cost_explorer' AS source, TIMESTAMP '2026-11-21 20:00:00' AS stated_at,
    CASE WHEN bool_or(is_estimated) THEN sum(cost_usd) END::DECIMAL(38, 10) AS estimated_usd,
    CASE WHEN NOT bool_or(is_estimated) THEN sum(cost_usd) END::DECIMAL(38, 10) AS final_usd, true AS is_current,
    CASE WHEN month = '2026-10-01' THEN sum(cost_usd) - 1 END::DECIMAL(38, 10) AS former_usd,
    CASE WHEN month = '2026-10-01' THEN 1 END::DECIMAL(38, 10) AS difference_usd
  FROM marts.cost_months GROUP BY month;
CREATE TABLE marts.exchange_rates AS SELECT month::DATE AS month, 150.25::DECIMAL(12, 6) AS jpy_per_usd,
    'invoice' AS kind, month::DATE + 33 AS dated_on, 'AWS $invoice' AS source
  FROM range(TIMESTAMP '2025-10-01', TIMESTAMP '2026-12-01', INTERVAL 1 MONTH) AS r(month);
CREATE TABLE marts.cost_shares AS
  SELECT month, category, storage_class, 'device' AS part, device_id, 'byte_days' AS basis,
    (cost_usd / 8)::DECIMAL(38, 10) AS cost_usd, is_estimated
  FROM marts.cost_months, devices
  UNION ALL SELECT month, category, storage_class, 'not_listed', '', 'byte_days',
    cost_usd - 7 * (cost_usd / 8)::DECIMAL(38, 10), is_estimated FROM marts.cost_months;
CREATE TABLE marts.storage_days AS SELECT date_trunc('month', reported_on)::DATE AS month, device_id, kind, storage_class,
    access_tier, sum(size_bytes)::DECIMAL(38, 0) AS byte_days, sum(object_count)::BIGINT AS object_days,
    day(last_day(date_trunc('month', reported_on)))::BIGINT AS day_count, '' AS region_code
  FROM marts.trend GROUP BY ALL;
CREATE TABLE marts.cost_buckets (month DATE, bucket VARCHAR, cost_usd DECIMAL(38, 10), is_estimated BOOLEAN);
CREATE TABLE marts.cost_anomalies AS SELECT DATE '2026-11-10' AS first_on, DATE '2026-11-10' AS last_on, 1 AS day_count,
    'retrieval' AS category, 'GLACIER' AS storage_class, 'Amazon Glacier' AS service,
    'APN1-Standard-Retrieval-Bytes' AS usage_type, 'RestoreObject' AS operation, 1.7::DECIMAL(38, 10) AS cost_usd,
    0.2::DECIMAL(38, 10) AS expected_usd, 1.5::DECIMAL(38, 10) AS difference_usd, '=archive' AS bucket, '' AS device_id;
CREATE TABLE marts.aws_budgets AS SELECT 'Archive' AS name, 'month' AS budget_period, 'USD' AS unit, 7000::DECIMAL(38, 10) AS limit_amount,
  6000::DECIMAL(38, 10) AS actual_amount, 6600::DECIMAL(38, 10) AS forecasted_amount, TIMESTAMP '2026-11-22' AS as_of,
  ['Amazon Glacier'] AS services;
CREATE TABLE marts.cost_forecast AS SELECT month::DATE AS month, (6100 + 100 * (row_number() OVER (ORDER BY month) - 1))::DECIMAL(38, 10) AS mean_usd,
    5000::DECIMAL(38, 10) AS low_usd, 9000::DECIMAL(38, 10) AS high_usd, TIMESTAMP '2026-11-22' AS asked_at, true AS is_available
  FROM range(TIMESTAMP '2026-12-01', TIMESTAMP '2027-11-01', INTERVAL 1 MONTH) AS r(month);
CREATE TABLE marts.cost_looking AS SELECT DATE '2026-11-01' AS month, * FROM (VALUES
    ('inventory_reports', 1.5::DECIMAL(38, 10), NULL::BIGINT, true), ('cost_explorer', 0.04::DECIMAL(38, 10), 4::BIGINT, false)
  ) AS t(looked_with, cost_usd, request_count, is_in_bill);
CREATE TABLE marts.sources AS SELECT *, TIMESTAMP '2026-11-22' AS as_of, TIMESTAMP '2026-11-22' AS asked_at, 10 AS row_count, 4 AS request_count,
    0.04::DECIMAL(38, 10) AS cost_usd
  FROM (VALUES ('inventory', 'clinic-images/daily', true, ''), ('costs', 'Cost Explorer', true, ''),
    ('labels', 'clinic-images', false, '1,200 left')) AS t(kind, name, is_complete, note);
CREATE TABLE marts.reports AS SELECT 'clinic-images' AS source_bucket, 'daily' AS config_id, TIMESTAMP '2026-11-22' AS report_at, 'CSV' AS format,
    1000 AS row_count, 2000 AS size_bytes, 900 AS latest_count, 20 AS delete_marker_count, 0 AS quarantined_count, 0 AS overlap_count, 1 AS file_count,
    true AS is_current, true AS has_versions, ['bucket', 'key'] AS columns, 's3://reports/' AS location, TIMESTAMP '2026-11-22' AS loaded_at;
CREATE TABLE facts.buckets AS SELECT source_bucket, report_at, row_count, size_bytes FROM marts.reports;
CREATE TABLE marts.report_history AS SELECT 'clinic-images' AS source_bucket, 'daily' AS config_id, day AS report_at, 1000 AS object_count,
    2000 AS size_bytes, day = '2026-11-22' AS is_current FROM range(TIMESTAMP '2026-10-01', TIMESTAMP '2026-11-23', INTERVAL 1 DAY) AS r(day);
CREATE TABLE meta.snapshot AS SELECT TIMESTAMP '2026-11-22 14:59:00' AS report_at, TIMESTAMP '2026-11-22 18:00:00' AS built_at,
    'Asia/Tokyo' AS timezone, 'c0ffee123456' AS grammar_version;
CREATE TABLE alerts.findings AS SELECT 'misnamed_object' AS rule_id, 'Misnamed objects' AS title,
    ['critical', 'high', 'medium', 'low'][1 + i % 4] AS severity, 'Rename it' AS remedy, 'key ' || i AS subject,
    ['ipad', 'xray', 'dslr'][1 + i % 3] AS device_id, 10 AS size_bytes, TIMESTAMP '2026-11-01' AS occurred_at, 'pattern_mismatch' AS reason,
    md5('misnamed_object' || chr(10) || 'key ' || i) AS finding_id,
    [{'storage_class': 'STANDARD', 'access_tier': '', 'object_count': 1, 'billed_bytes': 10, 'byte_days': 0}] AS stored
  FROM range(293) AS r(i);
CREATE VIEW alerts.stakes AS SELECT rule_id, device_id, stored.storage_class, stored.access_tier,
    sum(stored.object_count)::BIGINT AS object_count, sum(stored.billed_bytes)::BIGINT AS billed_bytes,
    sum(stored.byte_days)::BIGINT AS byte_days
  FROM (SELECT rule_id, device_id, unnest(stored) AS stored FROM alerts.findings) GROUP BY ALL;
CREATE VIEW alerts.counts AS SELECT rule_id, title, severity, remedy, device_id, count(*) AS finding_count,
    sum(size_bytes)::BIGINT AS size_bytes, max(occurred_at) AS newest_at FROM alerts.findings GROUP BY ALL;
CREATE TABLE alerts.rules AS SELECT DISTINCT rule_id, title, 'medium' AS severity, remedy FROM alerts.findings;
CREATE TABLE facts.misnamed AS SELECT 'clinic-images' AS source_bucket, CASE WHEN i = 0 THEN getvariable('hostile_key') ELSE 'xray/IMG_' || i || '.jpg' END AS key,
    '' AS version_id, 'xray' AS device_id, 'XR-01' AS unit_id, 'STANDARD' AS storage_class, 'jpg' AS extension, 1000 AS size_bytes,
    TIMESTAMP '2026-11-01' AS uploaded_at, DATE '2026-11-01' AS captured_on, DATE '2026-10-01' AS month, 'pattern_mismatch' AS reason,
    CASE WHEN i % 5 = 1 THEN ['pattern_mismatch', 'contains_space'] ELSE ['pattern_mismatch'] END AS reasons,
    CASE WHEN i % 3 > 0 THEN 'xray/XR-01/2026/11/XR-01_' || i || '.jpg' END AS proposed_key,
    CASE WHEN i % 3 > 0 THEN 'name' ELSE '' END AS proposal_basis, CASE WHEN i % 3 > 0 THEN '' ELSE 'capture_time' END AS missing,
    i % 6 = 5 AS needs_restore, CASE WHEN i = 0 THEN getvariable('hostile_key') ELSE 'xray/IMG_' || i || '.jpg' END AS subject FROM range(130) AS r(i);
CREATE TABLE facts.objects AS SELECT 'clinic-images' AS source_bucket, 'image' AS kind, device_id, unit_id, storage_class, '' AS access_tier, 'under_128_kib' AS size_band, uploaded_on,
    uploaded_on::TIMESTAMP AS uploaded_hour, uploaded_on::TIMESTAMP - INTERVAL 9 HOUR AS uploaded_at, 1000 AS size_bytes,
    device_id || '/' || uploaded_on || '.jpg' AS key, '' AS version_id, '' AS e_tag, '' AS captured_day FROM marts.uploads;
CREATE TABLE facts.labels AS SELECT source_bucket, key, '' AS version_id, '' AS e_tag, true AS is_labelled,
    hash(source_bucket, key) AS object_hash, 0::UBIGINT AS version_hash, 0::UBIGINT AS e_tag_hash, device_id, unit_id,
    MAP {'label': 'cornea'} AS tags, ['object_tags'] AS source_ids, []::VARCHAR[] AS conflict_names, TIMESTAMP '2026-11-21' AS read_at FROM facts.objects WHERE device_id = 'xray';
CREATE TABLE facts.same_content AS SELECT md5((i // 3)::VARCHAR) AS content_id, CASE WHEN i < 60 THEN 'exact' ELSE 'suspect' END AS confidence,
    CASE WHEN i % 3 = 2 THEN 'clinic-backup' ELSE 'clinic-images' END AS source_bucket,
    CASE WHEN i = 0 THEN getvariable('hostile_key') ELSE 'ipad/IP-01/copy-' || i || '.jpg' END AS key, '' AS version_id, 'image' AS kind,
    ['ipad', 'xray'][1 + i % 2] AS device_id, 'IP-01' AS unit_id, ['STANDARD', 'GLACIER', 'INTELLIGENT_TIERING'][1 + i % 3] AS storage_class,
    CASE WHEN i % 3 = 2 THEN 'INFREQUENT' ELSE '' END AS access_tier, 'jpg' AS extension, 5_000_000_000 AS size_bytes, 5_000_000_000 AS billed_bytes,
    md5((i // 3)::VARCHAR) AS e_tag, TIMESTAMP '2026-11-01' AS uploaded_at, '20261101' AS captured_day, true AS is_name_good, i % 3 = 0 AS is_labelled,
    1 + i % 3 AS keep_rank, i % 3 = 0 AS is_kept, 'labelled' AS keep_reason, ['kept', 'same_bucket', 'other_bucket'][1 + i % 3] AS duplicate_case,
    CASE WHEN i % 3 = 1 THEN 68 ELSE 0 END AS minimum_days_left FROM range(90) AS r(i);
CREATE TABLE marts.hidden_objects AS SELECT 'clinic-images' AS source_bucket, 'ipad' AS device_id, 3::BIGINT AS object_count;
CREATE SCHEMA IF NOT EXISTS staging;
CREATE TABLE staging.unfinished_uploads AS SELECT 'clinic-images' AS source_bucket, 'xray/' || i AS key, 'xray' AS device_id,
    'u' || i AS upload_id, TIMESTAMP '2026-09-01' AS initiated_at, 'STANDARD' AS storage_class, 4 AS part_count,
    400_000_000 AS size_bytes, TIMESTAMP '2026-11-22' AS asked_at FROM range(12) AS r(i);
CREATE MACRO device_of(key) AS split_part(key, '/', 1);
CREATE MACRO known_size(size_bytes, size_band) AS CASE WHEN size_band <> 'unknown' THEN size_bytes END;
CREATE TABLE staging.objects AS SELECT 'clinic-images' AS source_bucket, 'ipad/deleted-' || i || '.jpg' AS key, true AS is_delete_marker,
    i < 3 AS is_latest FROM range(5) AS r(i);
CREATE TABLE facts.overwritten AS SELECT 'clinic-images' AS source_bucket, getvariable('hostile_key') AS key, 'v1' AS version_id, 'ipad' AS device_id,
    'STANDARD' AS storage_class, '' AS access_tier, 3_000_000 AS size_bytes, TIMESTAMP '2026-11-01' AS uploaded_at, TIMESTAMP '2026-11-02' AS overwritten_at;
CREATE TABLE facts.readiness AS SELECT 'clinic-images' AS source_bucket,
    CASE WHEN i = 0 THEN getvariable('hostile_key') ELSE 'ipad/IP-0' || (1 + i % 2) || '/case-' || (i // 4) || '/' || i || '.jpg' END AS key, '' AS version_id,
    md5(i::VARCHAR) AS e_tag, 3_000_000 AS size_bytes, 'ipad' AS device_id, 'IP-0' || (1 + i % 2) AS unit_id, 'jpg' AS extension,
    CASE WHEN i % 10 = 3 THEN 'DEEP_ARCHIVE' ELSE 'STANDARD' END AS storage_class, '' AS access_tier, TIMESTAMP '2026-11-01' AS uploaded_at,
    DATE '2026-10-01' + (i % 31)::INTEGER AS captured_on, strftime(DATE '2026-10-01' + (i % 31)::INTEGER, '%Y%m%d') AS captured_day,
    i % 10 <> 0 AS is_name_good,
    CASE WHEN i % 10 = 3 THEN 'archived' WHEN i % 10 = 4 THEN 'unknown' ELSE 'readable' END AS readability, i % 100 = 7 AS has_patient_identity,
    CASE WHEN i % 10 = 9 THEN md5((i // 20)::VARCHAR) END AS content_id, CASE WHEN i % 10 = 9 THEN 1 + i // 10 % 2 END AS keep_rank
  FROM range(400) AS r(i);
INSERT INTO facts.labels BY NAME SELECT source_bucket, key, '' AS version_id, '' AS e_tag, i % 10 <> 1 AS is_labelled,
    hash(source_bucket, key) AS object_hash, 0::UBIGINT AS version_hash, 0::UBIGINT AS e_tag_hash, device_id, unit_id,
    MAP {'label': 'cornea', 'patient': 'p' || (i // 4)} AS tags, ['reading_room'] AS source_ids, []::VARCHAR[] AS conflict_names,
    TIMESTAMP '2026-11-20' AS read_at FROM facts.readiness JOIN range(400) AS r(i) ON e_tag = md5(i::VARCHAR);
CREATE TABLE marts.label_sources (source_no SMALLINT, source_id VARCHAR, kind VARCHAR, location VARCHAR,
    is_per_object BOOLEAN, buckets VARCHAR[], as_of TIMESTAMP, read_at TIMESTAMP, is_read BOOLEAN, is_complete BOOLEAN,
    row_count BIGINT, label_count BIGINT, no_value_count BIGINT, set_aside_count BIGINT, left_count BIGINT,
    image_count BIGINT, stale_count BIGINT, orphan_count BIGINT, conflict_count BIGINT, not_allowed_count BIGINT,
    request_count BIGINT, cost_usd DECIMAL(38, 10), source_note VARCHAR, fault VARCHAR);
CREATE TABLE marts.cost_labels (month DATE, name VARCHAR, value VARCHAR, part VARCHAR, device_id VARCHAR,
    storage_class VARCHAR, category VARCHAR, cost_usd DECIMAL(38, 10));
CREATE TABLE marts.label_values (device_id VARCHAR, storage_class VARCHAR, name VARCHAR, value VARCHAR, is_required BOOLEAN,
    is_allowed BOOLEAN, image_count BIGINT, size_bytes BIGINT);
CREATE TABLE marts.label_set_aside (source_id VARCHAR, reason VARCHAR, row_count BIGINT, sample VARCHAR,
    file_name VARCHAR, row_number BIGINT);
CREATE TABLE marts.label_orphans (source_id VARCHAR, source_bucket VARCHAR, key VARCHAR, version_id VARCHAR,
    device_id VARCHAR, unit_id VARCHAR, tags MAP(VARCHAR, VARCHAR), labelled_at TIMESTAMP, is_stale BOOLEAN,
    reason VARCHAR);
CREATE TABLE marts.label_conflicts (source_bucket VARCHAR, key VARCHAR, device_id VARCHAR, unit_id VARCHAR,
    month DATE, size_bytes BIGINT, name VARCHAR, value VARCHAR, source_values STRUCT(source_id VARCHAR, value VARCHAR)[],
    labelled_at TIMESTAMP);
CREATE TABLE marts.stored_classes AS SELECT storage_class, access_tier, sum(object_count)::BIGINT AS object_count,
  sum(size_bytes)::BIGINT AS size_bytes, sum(size_bytes)::BIGINT AS billed_bytes FROM marts.storage WHERE storage_class <> '' GROUP BY ALL;
CREATE TABLE marts.savings_kinds AS SELECT proposal_id, place_no, title, 'expire_versions' AS action, 'Made-up deed' AS deed,
  'Made-up risk' AS risk, 'Made-up basis' AS basis FROM (VALUES
  ('noncurrent_version', 4, 'Delete older versions'), ('exact_duplicate', 5, 'Delete exact copies'),
  ('unread_in_tiering', 9, 'Archive what nobody reads'), ('old_in_standard', 10, 'Move old images to cheaper storage'),
  ('reduced_redundancy', 8, 'Leave dearer, less safe storage')) AS t(proposal_id, place_no, title);
CREATE TABLE marts.savings AS SELECT proposal_id, 'clinic-images' AS source_bucket, 'xray' AS device_id, storage_class, access_tier,
  '' AS to_class, '' AS to_tier, standing, gib // 2 AS object_count, gib::BIGINT * 1073741824 AS size_bytes, gib::BIGINT * 1073741824 AS billed_bytes,
  (gib::BIGINT * 1073741824)::DECIMAL(38, 0) * days_left AS byte_days, days_left FROM (VALUES
  ('noncurrent_version', 'STANDARD', '', 'open', 100, 0), ('noncurrent_version', 'STANDARD_IA', '', 'open', 40, 15),
  ('noncurrent_version', 'STANDARD', '', 'in_hand', 7, 0), ('exact_duplicate', 'GLACIER', '', 'open', 20, 45),
  ('unread_in_tiering', 'INTELLIGENT_TIERING', 'ARCHIVE_INSTANT_ACCESS', 'open', 60, 0),
  ('old_in_standard', 'STANDARD', '', 'no_evidence', 900, 0)) AS t(proposal_id, storage_class, access_tier, standing, gib, days_left);
