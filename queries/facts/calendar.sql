-- purpose: The days from the first upload to two years after the report, with weekends and public holidays; one row per
--   day. `open_no` counts working days, so that the difference of two is the number of working days between them.
-- columns: day, is_open, open_no
WITH span AS (
    SELECT
        greatest(coalesce(min(cells.uploaded_on), max(reports.report_at)::DATE), DATE '2006-01-01') AS first_on,
        max(reports.report_at)::DATE + 730 AS last_on
    FROM staging.reports AS reports
    LEFT JOIN facts.cells AS cells ON cells.report_no = reports.report_no AND cells.cut = 'day'
    WHERE reports.is_current
),

days AS (
    SELECT unnest(generate_series(first_on::TIMESTAMP, last_on::TIMESTAMP, INTERVAL 1 DAY))::DATE AS day FROM span
),

marked AS (
    SELECT days.day, holidays.holiday_on IS NULL AND isodow(days.day) < 6 AS is_open
    FROM days
    LEFT JOIN raw.holidays AS holidays ON holidays.holiday_on = days.day
)

SELECT day, is_open, sum(CASE WHEN is_open THEN 1 ELSE 0 END) OVER (ORDER BY day)::INTEGER AS open_no
FROM marked
