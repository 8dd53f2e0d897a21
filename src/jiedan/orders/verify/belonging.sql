-- What must hold of what orders name, and of what hangs on them. Each statement only reads, and returns the rows of one
-- merchant that break it; the number in its name is that of the invariant. Parameters: tenant_id, and now where time
-- matters.

-- name: i18_what_belongs_to_an_order_has_one
-- Terms are not asked here: they belong to the order whose wording they are.
SELECT x.what, x.order_id
FROM (
    SELECT 'order_line' AS what, l.order_id FROM order_line l WHERE l.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT 'order_address', a.order_id FROM order_address a WHERE a.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT 'order_note', n.order_id FROM order_note n WHERE n.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT 'order_tag', g.order_id FROM order_tag g WHERE g.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT 'order_attribute', b.order_id FROM order_attribute b WHERE b.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT 'order_reference', e.order_id FROM order_reference e WHERE e.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT 'order_hold', h.order_id FROM order_hold h WHERE h.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT 'order_decision', d.order_id FROM order_decision d WHERE d.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT 'order_draft', f.order_id FROM order_draft f WHERE f.tenant_id = %(tenant_id)s AND f.order_id IS NOT NULL
    UNION ALL
    SELECT 'order_wording', w.order_id FROM order_wording w WHERE w.tenant_id = %(tenant_id)s
) AS x
LEFT JOIN orders o ON o.tenant_id = %(tenant_id)s AND o.order_id = x.order_id
WHERE o.order_id IS NULL

-- name: i18_an_orders_wording_is_its_terms
-- They have the same sum of hashes: there are thirty terms to an order, too many to be joined one by one.
SELECT c.order_id, sum(c.hash) AS found, 0 AS expected
FROM (
    SELECT t.order_id, sum(hashtext(t.term)) AS hash
    FROM order_term t
    WHERE t.tenant_id = %(tenant_id)s
    GROUP BY t.order_id
    UNION ALL
    SELECT w.order_id, -x.hash
    FROM order_wording w
    CROSS JOIN LATERAL (
        SELECT sum(hashtext(u.term)) AS hash
        FROM unnest(string_to_array(substr(w.terms, 2), chr(10))) AS u (term)
    ) AS x
    WHERE w.tenant_id = %(tenant_id)s
) AS c
GROUP BY c.order_id
HAVING sum(c.hash) <> 0

-- name: i18_orders_name_things_of_the_same_merchant
SELECT 'customer' AS what, o.order_id AS of, o.customer_id AS id
FROM orders o
LEFT JOIN customer c ON c.tenant_id = o.tenant_id AND c.customer_id = o.customer_id
WHERE o.tenant_id = %(tenant_id)s AND o.customer_id IS NOT NULL AND c.customer_id IS NULL
UNION ALL
SELECT 'location', o.order_id, o.requested_location_id
FROM orders o
LEFT JOIN location p ON p.tenant_id = o.tenant_id AND p.location_id = o.requested_location_id
WHERE o.tenant_id = %(tenant_id)s AND o.requested_location_id IS NOT NULL AND p.location_id IS NULL
UNION ALL
SELECT 'sku', l.line_id, l.sku_id
FROM order_line l
LEFT JOIN sku s ON s.tenant_id = l.tenant_id AND s.sku_id = l.sku_id
WHERE l.tenant_id = %(tenant_id)s AND l.sku_id IS NOT NULL AND s.sku_id IS NULL
UNION ALL
SELECT 'location', l.line_id, l.requested_location_id
FROM order_line l
LEFT JOIN location p ON p.tenant_id = l.tenant_id AND p.location_id = l.requested_location_id
WHERE l.tenant_id = %(tenant_id)s AND l.requested_location_id IS NOT NULL AND p.location_id IS NULL
UNION ALL
SELECT 'kit', l.line_id, l.sku_id
FROM order_line l
LEFT JOIN order_line k ON k.tenant_id = l.tenant_id AND k.order_id = l.order_id AND k.line = l.parent_line
    AND k.kind = 'kit'
WHERE l.tenant_id = %(tenant_id)s AND l.parent_line IS NOT NULL AND k.line_id IS NULL
