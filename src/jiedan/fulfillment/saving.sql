-- What was decided on the floor, saved in sets. The rows are locked.

-- name: save_fulfillments
INSERT INTO fulfillment (
    tenant_id, fulfillment_id, order_id, location_id, sequence, number, method, status, released_at, ready_at,
    code_salt, code_hash, code_tries, code_locked_until
)
SELECT t.tenant_id, u.fulfillment_id, u.order_id, u.location_id, u.sequence, u.number, u.method, u.status,
    u.released_at, u.ready_at, u.code_salt, u.code_hash, u.code_tries, u.code_locked_until
FROM tenant t CROSS JOIN unnest(
    %(fulfillment_ids)s::uuid[], %(order_ids)s::uuid[], %(location_ids)s::uuid[], %(sequences)s::bigint[],
    %(numbers)s::text[], %(methods)s::text[], %(statuses)s::text[], %(released_at)s::timestamptz[],
    %(ready_at)s::timestamptz[], %(code_salts)s::bytea[], %(code_hashes)s::bytea[], %(code_tries)s::bigint[],
    %(code_locked_until)s::timestamptz[]
) AS u (
    fulfillment_id, order_id, location_id, sequence, number, method, status, released_at, ready_at, code_salt,
    code_hash, code_tries, code_locked_until
)
WHERE t.tenant_id = %(tenant_id)s
ON CONFLICT (tenant_id, fulfillment_id) DO UPDATE
SET method = excluded.method, status = excluded.status, ready_at = excluded.ready_at,
    code_salt = excluded.code_salt, code_hash = excluded.code_hash, code_tries = excluded.code_tries,
    code_locked_until = excluded.code_locked_until

-- name: save_lines
INSERT INTO fulfillment_line (
    tenant_id, fulfillment_id, line_id, line, sku_id, released, short, withdrawn, picked, packed, shipped, delivered
)
SELECT t.tenant_id, u.fulfillment_id, u.line_id, u.line, u.sku_id, u.released, u.short, u.withdrawn, u.picked,
    u.packed, u.shipped, u.delivered
FROM tenant t CROSS JOIN unnest(
    %(fulfillment_ids)s::uuid[], %(line_ids)s::uuid[], %(lines)s::bigint[], %(sku_ids)s::uuid[],
    %(released)s::bigint[], %(short)s::bigint[], %(withdrawn)s::bigint[], %(picked)s::bigint[],
    %(packed)s::bigint[], %(shipped)s::bigint[], %(delivered)s::bigint[]
) AS u (
    fulfillment_id, line_id, line, sku_id, released, short, withdrawn, picked, packed, shipped, delivered
)
WHERE t.tenant_id = %(tenant_id)s
ON CONFLICT (tenant_id, fulfillment_id, line_id) DO UPDATE
SET short = excluded.short, withdrawn = excluded.withdrawn, picked = excluded.picked, packed = excluded.packed,
    shipped = excluded.shipped, delivered = excluded.delivered

-- name: save_parcels
INSERT INTO parcel (
    tenant_id, parcel_id, fulfillment_id, sequence, number, state, weight_g, box, carrier, tracking_number, packed_at,
    shipped_at, delivered_at, unpacked_at
)
SELECT t.tenant_id, u.parcel_id, u.fulfillment_id, u.sequence, u.number, u.state, u.weight_g, u.box, u.carrier,
    u.tracking_number, u.packed_at, u.shipped_at, u.delivered_at, u.unpacked_at
FROM tenant t CROSS JOIN unnest(
    %(parcel_ids)s::uuid[], %(fulfillment_ids)s::uuid[], %(sequences)s::bigint[], %(numbers)s::text[],
    %(states)s::text[], %(weights_g)s::bigint[], %(boxes)s::text[], %(carriers)s::text[], %(tracking_numbers)s::text[],
    %(packed_at)s::timestamptz[], %(shipped_at)s::timestamptz[], %(delivered_at)s::timestamptz[],
    %(unpacked_at)s::timestamptz[]
) AS u (
    parcel_id, fulfillment_id, sequence, number, state, weight_g, box, carrier, tracking_number, packed_at, shipped_at,
    delivered_at, unpacked_at
)
WHERE t.tenant_id = %(tenant_id)s
ON CONFLICT (tenant_id, parcel_id) DO UPDATE
SET state = excluded.state, carrier = excluded.carrier, tracking_number = excluded.tracking_number,
    shipped_at = excluded.shipped_at, delivered_at = excluded.delivered_at, unpacked_at = excluded.unpacked_at

-- name: insert_parcel_lines
INSERT INTO parcel_line (tenant_id, parcel_id, line_id, quantity)
SELECT t.tenant_id, u.parcel_id, u.line_id, u.quantity
FROM tenant t CROSS JOIN unnest(%(parcel_ids)s::uuid[], %(line_ids)s::uuid[], %(quantities)s::bigint[])
    AS u (parcel_id, line_id, quantity)
WHERE t.tenant_id = %(tenant_id)s

-- name: insert_acknowledgements
INSERT INTO note_acknowledgement (tenant_id, fulfillment_id, note_id, acknowledged_at, actor_kind, actor_id)
SELECT t.tenant_id, u.fulfillment_id, u.note_id, %(at)s, %(actor_kind)s, %(actor_id)s
FROM tenant t CROSS JOIN unnest(%(fulfillment_ids)s::uuid[], %(note_ids)s::uuid[]) AS u (fulfillment_id, note_id)
WHERE t.tenant_id = %(tenant_id)s

-- name: insert_labels
INSERT INTO parcel_label (tenant_id, parcel_id, carrier, tracking_number, media_type, document, created_at)
SELECT t.tenant_id, u.parcel_id, %(carrier)s, u.tracking_number, u.media_type, u.document, %(at)s
FROM tenant t CROSS JOIN unnest(
    %(parcel_ids)s::uuid[], %(tracking_numbers)s::text[], %(media_types)s::text[], %(documents)s::bytea[]
) AS u (parcel_id, tracking_number, media_type, document)
WHERE t.tenant_id = %(tenant_id)s

-- name: save_handling
INSERT INTO location_handling (tenant_id, location_id, p50_days, p90_days)
SELECT t.tenant_id, u.location_id, u.p50_days, u.p90_days
FROM tenant t CROSS JOIN unnest(%(location_ids)s::uuid[], %(p50_days)s::bigint[], %(p90_days)s::bigint[])
    AS u (location_id, p50_days, p90_days)
WHERE t.tenant_id = %(tenant_id)s
ORDER BY u.location_id
ON CONFLICT (tenant_id, location_id) DO UPDATE SET p50_days = excluded.p50_days, p90_days = excluded.p90_days
WHERE (location_handling.p50_days, location_handling.p90_days) <> (excluded.p50_days, excluded.p90_days)
RETURNING location_id

-- name: insert_scans
INSERT INTO packing_scan (
    tenant_id, scan_id, fulfillment_id, line_id, code, quantity, scanned_at, actor_kind, actor_id
)
SELECT t.tenant_id, u.scan_id, u.fulfillment_id, u.line_id, u.code, u.quantity, %(at)s, %(actor_kind)s, %(actor_id)s
FROM tenant t CROSS JOIN unnest(
    %(scan_ids)s::uuid[], %(fulfillment_ids)s::uuid[], %(line_ids)s::uuid[], %(codes)s::text[],
    %(quantities)s::bigint[]
) AS u (scan_id, fulfillment_id, line_id, code, quantity)
WHERE t.tenant_id = %(tenant_id)s

-- name: undo_scans
UPDATE packing_scan SET undone_at = %(at)s
WHERE tenant_id = %(tenant_id)s AND scan_id = ANY(%(scan_ids)s::uuid[])

-- name: close_scans
UPDATE packing_scan AS s SET parcel_id = u.parcel_id
FROM unnest(%(scan_ids)s::uuid[], %(parcel_ids)s::uuid[]) AS u (scan_id, parcel_id)
WHERE s.tenant_id = %(tenant_id)s AND s.scan_id = u.scan_id

-- name: insert_prints
INSERT INTO parcel_print (tenant_id, print_id, parcel_id, document, reason, printed_at, actor_kind, actor_id)
SELECT t.tenant_id, u.print_id, u.parcel_id, u.document, u.reason, %(at)s, %(actor_kind)s, %(actor_id)s
FROM tenant t CROSS JOIN unnest(
    %(print_ids)s::uuid[], %(parcel_ids)s::uuid[], %(documents)s::text[], %(reasons)s::text[]
) AS u (print_id, parcel_id, document, reason)
WHERE t.tenant_id = %(tenant_id)s

-- name: save_boxes
INSERT INTO packing_box (tenant_id, code, name, length_mm, width_mm, height_mm, tare_g, is_active, version)
SELECT t.tenant_id, u.code, u.name, u.length_mm, u.width_mm, u.height_mm, u.tare_g, u.is_active, u.version
FROM tenant t CROSS JOIN unnest(
    %(codes)s::text[], %(names)s::text[], %(lengths_mm)s::bigint[], %(widths_mm)s::bigint[],
    %(heights_mm)s::bigint[], %(tares_g)s::bigint[], %(are_active)s::bool[], %(versions)s::bigint[]
) AS u (code, name, length_mm, width_mm, height_mm, tare_g, is_active, version)
WHERE t.tenant_id = %(tenant_id)s
ON CONFLICT (tenant_id, code) DO UPDATE
SET name = excluded.name, length_mm = excluded.length_mm, width_mm = excluded.width_mm,
    height_mm = excluded.height_mm, tare_g = excluded.tare_g, is_active = excluded.is_active,
    version = excluded.version
WHERE packing_box.version = excluded.version - 1
RETURNING code
