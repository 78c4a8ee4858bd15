-- purpose: What each kind of saving is found in, kinds that found nothing included (one row without a bucket); one row per
--   kind, bucket, device, class, tier, new class and standing. Money is put to it by the price book.
-- columns: proposal_id, place_no, title, action, deed, risk, basis, source_bucket, device_id, storage_class, access_tier,
--   to_class, to_tier, standing, object_count, size_bytes, billed_bytes, byte_days, days_left
SELECT
    kinds.proposal_id,
    kinds.place_no,
    kinds.title,
    kinds.action,
    kinds.deed,
    kinds.risk,
    kinds.basis,
    lots.source_bucket,
    lots.device_id,
    lots.storage_class,
    lots.access_tier,
    lots.to_class,
    lots.to_tier,
    lots.standing,
    lots.object_count,
    lots.size_bytes,
    lots.billed_bytes,
    lots.byte_days,
    lots.days_left
FROM marts.savings_kinds AS kinds
LEFT JOIN marts.savings AS lots USING (proposal_id)
ORDER BY kinds.place_no, lots.standing, lots.source_bucket, lots.device_id, lots.storage_class, lots.access_tier,
    lots.to_class
