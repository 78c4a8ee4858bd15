-- purpose: Label coverage of current images; one row per device, unit and month. Empty without a label source.
-- columns: device_id, unit_id, month, image_count, labelled_count, unlabelled_count, unread_count,
--   unlabelled_size_bytes
SELECT device_id, unit_id, month, sum(image_count)::BIGINT AS image_count,
    sum(labelled_count)::BIGINT AS labelled_count, sum(unlabelled_count)::BIGINT AS unlabelled_count,
    sum(unread_count)::BIGINT AS unread_count, sum(unlabelled_size_bytes)::BIGINT AS unlabelled_size_bytes
FROM facts.label_cells
GROUP BY ALL
ORDER BY device_id, unit_id, month
