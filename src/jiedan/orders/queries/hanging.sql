-- What hangs on orders: addresses, notes, tags, holds.

-- name: addresses
SELECT order_id, kind, country, name, phone, company, region, city, district, line1, line2, postal_code, lat, lon
FROM order_address
WHERE tenant_id = %(tenant_id)s AND order_id = ANY(%(order_ids)s::uuid[])
ORDER BY order_id, kind

-- name: notes
SELECT order_id, kind, text, written_at, author_kind, author_id, note_id FROM order_note
WHERE tenant_id = %(tenant_id)s AND order_id = ANY(%(order_ids)s::uuid[])
ORDER BY order_id, note_id

-- name: tags
SELECT order_id, tag FROM order_tag
WHERE tenant_id = %(tenant_id)s AND order_id = ANY(%(order_ids)s::uuid[])
ORDER BY order_id, tag

-- name: holds
SELECT hold_id, order_id, kind, reason, lift_permission, deadline_at, placed_at, placed_by_kind, placed_by_id,
    lifted_at, lifted_by_kind, lifted_by_id, lift_reason
FROM order_hold
WHERE tenant_id = %(tenant_id)s AND order_id = ANY(%(order_ids)s::uuid[])
ORDER BY order_id, hold_id

-- name: hold_orders
SELECT hold_id, order_id FROM order_hold
WHERE tenant_id = %(tenant_id)s AND hold_id = ANY(%(hold_ids)s::uuid[])
