-- purpose: Current images whose name breaks the grammar, newest first; one row per image, with every reason (the main
--   one first) and the right name, or what is missing for it. `month` is a first day, or 'other' for everything outside
--   the 14 months up to `today`; `proposal` is 'ready' (can be renamed by itself), 'restore' (restore first) or 'none'.
-- params:  today=NULL, devices=NULL, units=NULL, reasons=NULL, month=NULL, proposal=NULL, row_limit=50, row_offset=0
-- columns: key, reason, reasons, proposed_key, proposal_basis, missing, needs_restore, device_id, unit_id, size_bytes,
--   uploaded_at, captured_on, storage_class, source_bucket, finding_id, total_count
WITH clock AS (
    SELECT
        coalesce($today::DATE, report_at::DATE) AS today,
        date_trunc('month', coalesce($today::DATE, report_at::DATE)) - INTERVAL 13 MONTH AS first_month
    FROM meta.snapshot
),

-- Counted apart: a window over every row would carry all their keys along to show a page of them.
chosen AS NOT MATERIALIZED (
    SELECT misnamed.*
    FROM facts.misnamed AS misnamed, clock
    WHERE ($devices IS NULL OR list_contains($devices, misnamed.device_id))
      AND ($units IS NULL OR list_contains($units, misnamed.unit_id))
      AND ($reasons IS NULL OR list_contains($reasons, misnamed.reason))
      AND CASE $proposal
          WHEN 'ready' THEN misnamed.proposed_key IS NOT NULL AND NOT misnamed.needs_restore
          WHEN 'restore' THEN misnamed.proposed_key IS NOT NULL AND misnamed.needs_restore
          WHEN 'none' THEN misnamed.proposed_key IS NULL
          ELSE true
      END
      AND CASE
          WHEN $month IS NULL THEN true
          WHEN $month = 'other' THEN NOT coalesce(misnamed.month BETWEEN clock.first_month AND clock.today, false)
          ELSE misnamed.month = try_cast($month AS DATE)
      END
),

-- Identities are worked out for the rows that are shown, not for all of them.
leaf AS (
    SELECT *
    FROM chosen
    ORDER BY uploaded_at DESC, source_bucket, key, version_id
    LIMIT $row_limit OFFSET $row_offset
)

SELECT
    key,
    reason,
    reasons,
    proposed_key,
    proposal_basis,
    missing,
    needs_restore,
    device_id,
    unit_id,
    size_bytes,
    uploaded_at,
    captured_on,
    storage_class,
    source_bucket,
    md5(reason || chr(10) || subject) AS finding_id,
    (SELECT count(*) FROM chosen) AS total_count
FROM leaf
ORDER BY uploaded_at DESC, source_bucket, key, version_id
