-- What hangs on orders: addresses, notes, tags, holds, decisions, history.

-- name: addresses
SELECT order_id, kind, country, name, phone, company, region, city, district, line1, line2, postal_code, lat, lon
FROM order_address
WHERE tenant_id = %(tenant_id)s AND order_id = ANY(%(order_ids)s::uuid[])
ORDER BY order_id, kind

-- name: notes
SELECT order_id, kind, text, written_at, author_kind, author_id FROM order_note
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

-- name: decisions
SELECT kind, rules_version, data, decided_at FROM order_decision
WHERE tenant_id = %(tenant_id)s AND order_id = %(order_id)s
ORDER BY decision_id

-- name: timeline
SELECT e.event_id, e.kind, e.occurred_at, e.actor_kind, e.actor_id, e.data, p.data
FROM event_log e
LEFT JOIN event_private p ON p.tenant_id = e.tenant_id AND p.event_id = e.event_id
WHERE e.tenant_id = %(tenant_id)s AND e.subject_id = ANY(%(subject_ids)s::uuid[])
ORDER BY e.event_id
LIMIT %(limit)s

-- name: waiting_lines
SELECT l.order_id, l.line_id
FROM order_line l
JOIN orders o ON o.tenant_id = l.tenant_id AND o.order_id = l.order_id
WHERE l.tenant_id = %(tenant_id)s AND l.sku_id = ANY(%(sku_ids)s::uuid[])
    AND l.kind IN ('goods', 'component') AND l.ordered > l.canceled + l.shipped + l.allocated
    AND o.lifecycle = 'open' AND NOT o.history
ORDER BY coalesce(o.promised_at, l.placed_at), l.placed_at, l.line_id
LIMIT %(limit)s
