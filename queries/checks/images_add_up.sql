-- purpose: Quality and label coverage count the same images as storage.
-- title:   The counted images differ from page to page
-- columns: subject, expected, found
WITH images AS (
    SELECT coalesce(sum(object_count), 0)::BIGINT AS image_count FROM marts.storage WHERE kind = 'image'
),

found AS (
    SELECT 'quality' AS mart, coalesce(sum(object_count), 0)::BIGINT AS image_count FROM marts.quality
    UNION ALL
    SELECT 'units', coalesce(sum(image_count), 0)::BIGINT FROM marts.units
    UNION ALL
    SELECT 'label_coverage', sum(labelled_count + unlabelled_count + unread_count)::BIGINT
    FROM marts.label_coverage
    HAVING count(*) > 0
)

SELECT found.mart AS subject, images.image_count::VARCHAR AS expected, found.image_count::VARCHAR AS found
FROM found
CROSS JOIN images
WHERE found.image_count <> images.image_count
