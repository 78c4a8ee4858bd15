-- purpose: Kinds of usage that cost far more or less on some days than growth, the calendar and uploads explain; one row
--   per run of such days, of the last 90 complete ones. Storage is held by how much a day adds to the day before (in
--   months of equal length), uploads by what one usually costs, everything else by the same kind of day (open or closed)
--   in the six weeks before. Unusual is what lies 4 spreads from the median, a spread being the larger one of the median
--   deviation and what the highest tenth of days needs, and a tenth of a usual day's bill at least. `difference_usd` of
--   storage is what every day from then on differs by. What looking at the archive costs, and a fee booked on the first of a month, is known and left out. `bucket` is
--   the one that paid most of it, where an export tells; `device_id` the one whose images in the class (or uploads) changed
--   most; both may be ''.
-- columns: first_on, last_on, day_count, category, storage_class, service, usage_type, operation, cost_usd, expected_usd,
--   difference_usd, bucket, device_id
WITH billed AS (
    -- The newest day is still growing.
    SELECT min(billed_on) AS first_on, max(billed_on) - 1 AS last_on FROM marts.cost_days
),

-- A day that the bill does not have yet is no day without cost.
days AS (
    SELECT DISTINCT bills.billed_on
    FROM marts.cost_days AS bills, billed
    WHERE bills.billed_on BETWEEN greatest(first_on, last_on - 132) AND last_on
),

dated AS (
    SELECT
        days.billed_on,
        coalesce(calendar.is_open, isodow(days.billed_on) < 6) AS is_open,
        coalesce(sum(uploads.object_count), 0) AS upload_count
    FROM days
    LEFT JOIN facts.calendar AS calendar ON calendar.day = days.billed_on
    LEFT JOIN marts.uploads AS uploads ON uploads.uploaded_on = days.billed_on
    GROUP BY ALL
),

usual AS (
    SELECT median(cost_usd) AS day_usd
    FROM (
        SELECT billed_on, sum(cost_usd) AS cost_usd
        FROM marts.cost_days, billed
        WHERE category NOT IN ('tax', 'credit', 'refund') AND billed_on BETWEEN last_on - 89 AND last_on
        GROUP BY billed_on
    )
),

kinds AS (
    SELECT service, usage_type, operation, any_value(category) AS category, any_value(storage_class) AS storage_class
    FROM marts.cost_days
    WHERE category NOT IN ('tax', 'credit', 'refund', 'looking')
    GROUP BY service, usage_type, operation
    -- Fees of a month are booked on its first day.
    HAVING NOT (any_value(category) = 'other' AND coalesce(bool_and(day(billed_on) = 1) FILTER (cost_usd <> 0), false))
),

costs AS (
    SELECT
        kinds.*,
        dated.* EXCLUDE (upload_count),
        day(last_day(dated.billed_on)) AS month_days,
        coalesce(lines.cost_usd, 0) AS cost_usd,
        CASE
            WHEN kinds.category IN ('storage', 'monitoring') THEN 'level'
            WHEN kinds.usage_type LIKE '%Requests-Tier1' AND kinds.storage_class = 'STANDARD' THEN 'uploads'
            ELSE 'day'
        END AS basis,
        CASE WHEN basis = 'uploads' THEN dated.upload_count ELSE 1 END AS weight
    FROM kinds
    CROSS JOIN dated
    LEFT JOIN (
        SELECT billed_on, service, usage_type, operation, sum(cost_usd) AS cost_usd FROM marts.cost_days GROUP BY ALL
    ) AS lines USING (billed_on, service, usage_type, operation)
),

measured AS (
    SELECT
        *,
        CASE
            WHEN basis = 'level' THEN (cost_usd * month_days - lag(cost_usd * month_days) OVER kind)::DOUBLE / month_days
            ELSE cost_usd::DOUBLE / nullif(weight, 0)
        END AS measure,
        -- Storage grows on closed days too.
        CASE WHEN basis = 'day' THEN is_open END AS alike
    FROM costs
    WINDOW kind AS (PARTITION BY service, usage_type, operation ORDER BY billed_on)
),

expected AS (
    SELECT
        *,
        count(measure) OVER before AS known_count,
        median(measure) OVER before AS middle,
        greatest(
            1.4826 * mad(measure) OVER before,
            (quantile_cont(measure, 0.9) OVER before - median(measure) OVER before) / 1.2816
        ) AS spread
    FROM measured
    WINDOW before AS (
        PARTITION BY service, usage_type, operation, alike
        ORDER BY billed_on
        RANGE BETWEEN INTERVAL 42 DAY PRECEDING AND INTERVAL 1 DAY PRECEDING
    )
),

unusual AS (
    SELECT
        *,
        middle * weight AS expected_usd,
        (measure - middle) * weight AS difference_usd
    FROM expected, billed, usual
    WHERE billed_on > billed.last_on - 90
      AND known_count >= 10
      AND abs(measure - middle) > 4 * spread
      AND abs(measure - middle) * weight > usual.day_usd / 10
),

runs AS (
    SELECT
        *,
        sign(difference_usd) AS direction,
        billed_on - row_number() OVER (
            PARTITION BY service, usage_type, operation, sign(difference_usd) ORDER BY billed_on
        )::INTEGER AS run
    FROM unusual
),

found AS (
    SELECT
        min(billed_on) AS first_on,
        max(billed_on) AS last_on,
        count(*) AS day_count,
        category,
        storage_class,
        service,
        usage_type,
        operation,
        any_value(basis) AS basis,
        sum(cost_usd)::DECIMAL(38, 10) AS cost_usd,
        sum(difference_usd)::DECIMAL(38, 10) AS difference_usd
    FROM runs
    GROUP BY service, usage_type, operation, category, storage_class, run, direction
),

payers AS (
    SELECT first_on, service, usage_type, operation, arg_max(bucket, cost_usd) AS bucket
    FROM (
        SELECT found.first_on, lines.service, lines.usage_type, lines.operation, bucket, sum(lines.cost_usd) AS cost_usd
        FROM facts.cost_lines AS lines
        JOIN found USING (service, usage_type, operation)
        WHERE breakdown = 'usage' AND granularity = 'DAILY' AND bucket <> '' AND start_on BETWEEN first_on AND last_on
        GROUP BY ALL
    )
    GROUP BY ALL
),

-- The newest report before the days and the first one after them.
reports AS (
    SELECT first_on, last_on, max(reported_on) FILTER (reported_on < first_on) AS before_on,
        coalesce(min(reported_on) FILTER (reported_on > last_on), max(reported_on)) AS after_on
    FROM (SELECT DISTINCT first_on, last_on FROM found WHERE basis = 'level') AS spans
    CROSS JOIN (SELECT DISTINCT reported_on FROM marts.trend) AS trend
    GROUP BY ALL
),

kept AS (
    SELECT first_on, last_on, storage_class, arg_max(device_id, abs(change_bytes)) AS device_id
    FROM (
        SELECT
            reports.first_on,
            reports.last_on,
            trend.storage_class,
            trend.device_id,
            sum(CASE WHEN trend.reported_on = after_on THEN size_bytes ELSE -size_bytes END) AS change_bytes
        FROM reports
        JOIN marts.trend AS trend ON trend.reported_on IN (before_on, after_on)
        WHERE before_on < after_on
        GROUP BY ALL
    )
    WHERE change_bytes <> 0
    GROUP BY ALL
),

uploaders AS (
    SELECT first_on, last_on, arg_max(device_id, object_count) AS device_id
    FROM (
        SELECT spans.first_on, spans.last_on, device_id, sum(object_count) AS object_count
        FROM (SELECT DISTINCT first_on, last_on FROM found WHERE basis = 'uploads') AS spans
        JOIN marts.uploads AS uploads ON uploaded_on BETWEEN first_on AND last_on
        GROUP BY ALL
    )
    GROUP BY ALL
)

SELECT
    found.first_on,
    found.last_on,
    found.day_count,
    found.category,
    found.storage_class,
    found.service,
    found.usage_type,
    found.operation,
    found.cost_usd,
    found.cost_usd - found.difference_usd AS expected_usd,
    found.difference_usd,
    coalesce(payers.bucket, '') AS bucket,
    coalesce(CASE found.basis WHEN 'level' THEN kept.device_id WHEN 'uploads' THEN uploaders.device_id END, '') AS device_id
FROM found
LEFT JOIN payers USING (first_on, service, usage_type, operation)
LEFT JOIN kept USING (first_on, last_on, storage_class)
LEFT JOIN uploaders USING (first_on, last_on)
ORDER BY found.first_on DESC, abs(found.difference_usd) DESC, found.usage_type, found.operation
