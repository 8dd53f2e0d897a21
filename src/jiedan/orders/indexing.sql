-- The search terms of orders, read from what orders are and written in sets.

-- Asked first: who has to wait here reads the order after what the other saw of it.
-- name: wordings_for_update
SELECT w.order_id, w.terms FROM order_wording w
WHERE w.tenant_id = %(tenant_id)s AND w.order_id = ANY(%(order_ids)s::uuid[])
ORDER BY w.order_id
FOR NO KEY UPDATE

-- name: heads
SELECT o.order_id, o.placed_at, o.number, o.channel, o.external_id, o.contact_name, o.contact_phone, o.contact_email,
    o.requested_location_id, o.lifecycle = 'open' AND o.claims_stock, o.shipping_method
FROM orders o
WHERE o.tenant_id = %(tenant_id)s AND o.order_id = ANY(%(order_ids)s::uuid[])
ORDER BY o.order_id

-- name: lines
SELECT l.order_id, l.line_id, l.code, l.kind, l.allocated, l.requested_location_id,
    l.kind IN ('goods', 'component') AND l.ordered > l.canceled + l.shipped + l.allocated
FROM order_line l
WHERE l.tenant_id = %(tenant_id)s AND l.order_id = ANY(%(order_ids)s::uuid[])
ORDER BY l.order_id, l.line

-- Tags and addresses of some only: they are what few events change.
-- name: marks
SELECT m.order_id, m.mark, m.value FROM (
    SELECT t.order_id, 'tag' AS mark, t.tag AS value FROM order_tag t
    WHERE t.tenant_id = %(tenant_id)s AND t.order_id = ANY(%(whole_ids)s::uuid[])
    UNION ALL
    SELECT h.order_id, 'hold', h.kind FROM order_hold h
    WHERE h.tenant_id = %(tenant_id)s AND h.order_id = ANY(%(order_ids)s::uuid[]) AND h.lifted_at IS NULL
    UNION ALL
    SELECT r.order_id, 'reference', r.reference FROM order_reference r
    WHERE r.tenant_id = %(tenant_id)s AND r.order_id = ANY(%(order_ids)s::uuid[])
    UNION ALL
    SELECT a.order_id, u.mark, u.value FROM order_address a
    CROSS JOIN unnest(ARRAY['name', 'name', 'phone'], ARRAY[a.name, a.company, a.phone]) AS u (mark, value)
    WHERE a.tenant_id = %(tenant_id)s AND a.order_id = ANY(%(whole_ids)s::uuid[]) AND u.value <> ''
) AS m

-- name: delete_terms
DELETE FROM order_term t
USING (
    SELECT w.term, u.placed_at, u.order_id
    FROM unnest(%(order_ids)s::uuid[], %(placed_at)s::timestamptz[], %(lines_of_terms)s::text[]) AS u (
        order_id, placed_at, lines_of_terms
    )
    CROSS JOIN LATERAL unnest(string_to_array(u.lines_of_terms, chr(10))) AS w (term)
) AS gone
WHERE t.tenant_id = %(tenant_id)s AND t.term = gone.term AND t.placed_at = gone.placed_at
    AND t.order_id = gone.order_id

-- Neighbors in the index are written one after the other.
-- name: insert_terms
INSERT INTO order_term (tenant_id, term, placed_at, order_id)
SELECT t.tenant_id, w.term, u.placed_at, u.order_id
FROM tenant t
CROSS JOIN unnest(%(order_ids)s::uuid[], %(placed_at)s::timestamptz[], %(lines_of_terms)s::text[]) AS u (
    order_id, placed_at, lines_of_terms
)
CROSS JOIN LATERAL unnest(string_to_array(u.lines_of_terms, chr(10))) AS w (term)
WHERE t.tenant_id = %(tenant_id)s
ORDER BY w.term, u.placed_at, u.order_id

-- name: save_wordings
INSERT INTO order_wording (tenant_id, order_id, terms)
SELECT t.tenant_id, u.order_id, u.terms
FROM tenant t CROSS JOIN unnest(%(order_ids)s::uuid[], %(terms)s::text[]) AS u (order_id, terms)
WHERE t.tenant_id = %(tenant_id)s
ON CONFLICT (tenant_id, order_id) DO UPDATE SET terms = excluded.terms
