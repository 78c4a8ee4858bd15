-- purpose: Extensions of images; one row per extension.
-- columns: extension
SELECT DISTINCT extension FROM marts.storage WHERE kind = 'image' ORDER BY extension
