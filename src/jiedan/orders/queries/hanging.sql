-- What hangs on orders: addresses, notes, tags, attributes, holds.

-- name: addresses
SELECT order_id, kind, country, name, phone, company, region, city, district, line1, line2, postal_code, lat, lon
FROM order_address
WHERE tenant_id = %(tenant_id)s AND order_id = ANY(%(order_ids)s::uuid[])
ORDER BY order_id, kind

-- name: destinations
SELECT order_id, country, postal_code
FROM order_address
WHERE tenant_id = %(tenant_id)s AND order_id = ANY(%(order_ids)s::uuid[]) AND kind = 'ship_to'
ORDER BY order_id

-- name: notes_and_tags
-- A tag has its text alone, an attribute its name and value. In one, because every page and every door asks for all.
SELECT x.order_id, x.kind, x.text, x.written_at, x.author_kind, x.author_id, x.note_id, x.value FROM (
    SELECT n.order_id, n.kind, n.text, n.written_at, n.author_kind, n.author_id, n.note_id, NULL::jsonb AS value
    FROM order_note n
    WHERE n.tenant_id = %(tenant_id)s AND n.order_id = ANY(%(order_ids)s::uuid[])
    UNION ALL
    SELECT t.order_id, NULL, t.tag, NULL, NULL, NULL, NULL, NULL FROM order_tag t
    WHERE t.tenant_id = %(tenant_id)s AND t.order_id = ANY(%(order_ids)s::uuid[])
    UNION ALL
    SELECT a.order_id, NULL, a.name, NULL, NULL, NULL, NULL, a.value FROM order_attribute a
    WHERE a.tenant_id = %(tenant_id)s AND a.order_id = ANY(%(order_ids)s::uuid[])
) AS x
ORDER BY x.order_id, x.note_id, x.text

-- name: holds
SELECT hold_id, order_id, kind, reason, lift_permission, deadline_at, placed_at, placed_by_kind, placed_by_id,
    lifted_at, lifted_by_kind, lifted_by_id, lift_reason
FROM order_hold
WHERE tenant_id = %(tenant_id)s AND order_id = ANY(%(order_ids)s::uuid[])
ORDER BY order_id, hold_id

-- name: hold_orders
SELECT hold_id, order_id FROM order_hold
WHERE tenant_id = %(tenant_id)s AND hold_id = ANY(%(hold_ids)s::uuid[])

-- name: standing
-- What of it decides about the goods, without the words.
SELECT x.order_id, x.mark, x.kind, x.id FROM (
    SELECT h.order_id, 'hold' AS mark, h.kind, h.hold_id AS id FROM order_hold h
    WHERE h.tenant_id = %(tenant_id)s AND h.order_id = ANY(%(order_ids)s::uuid[]) AND h.lifted_at IS NULL
    UNION ALL
    SELECT n.order_id, 'note', n.kind, n.note_id FROM order_note n
    WHERE n.tenant_id = %(tenant_id)s AND n.order_id = ANY(%(order_ids)s::uuid[]) AND n.kind <> 'record'
    UNION ALL
    SELECT a.order_id, 'address', a.kind, NULL FROM order_address a
    WHERE a.tenant_id = %(tenant_id)s AND a.order_id = ANY(%(order_ids)s::uuid[])
) AS x
ORDER BY x.order_id, x.id
