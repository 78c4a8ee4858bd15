-- purpose: Labels of current images to choose from, as name=value; one row per value. Labels with too many values to
--   list, and values with a comma, which parts the choices in an address, are left out.
-- columns: label_text
SELECT DISTINCT name || '=' || value AS label_text
FROM marts.label_values
WHERE value IS NOT NULL AND NOT contains(value, ',')
ORDER BY label_text
