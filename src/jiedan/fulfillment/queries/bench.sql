-- The pack station: open boxes, kinds of boxes, and what was printed.

-- name: open_scans
SELECT s.scan_id, s.fulfillment_id, s.line_id, s.code, s.scanned_at, s.quantity
FROM packing_scan s
WHERE s.tenant_id = %(tenant_id)s AND s.fulfillment_id = ANY(%(fulfillment_ids)s::uuid[])
    AND s.undone_at IS NULL AND s.parcel_id IS NULL
ORDER BY s.fulfillment_id, s.scanned_at, s.scan_id

-- name: boxes
SELECT b.code, b.name, b.length_mm, b.width_mm, b.height_mm, b.tare_g, b.is_active, b.version
FROM packing_box b
WHERE b.tenant_id = %(tenant_id)s
ORDER BY b.code

-- name: prints
SELECT p.parcel_id, p.document, p.reason, p.printed_at
FROM parcel_print p
WHERE p.tenant_id = %(tenant_id)s AND p.parcel_id = ANY(%(parcel_ids)s::uuid[])
ORDER BY p.parcel_id, p.document, p.printed_at, p.print_id
