-- purpose: Storage classes to choose from; one row per class that holds an object.
-- columns: storage_class
SELECT DISTINCT storage_class
FROM marts.storage
WHERE storage_class <> ''
ORDER BY storage_class
