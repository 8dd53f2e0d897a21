-- Orders of guests, by the address that they gave.

-- name: guest_orders
-- In the order of the index, so that an address of a hundred thousand orders costs no more than the first of them.
SELECT o.order_id, o.contact_email
FROM order_term t
JOIN orders o ON o.tenant_id = %(tenant_id)s AND o.order_id = t.order_id AND o.customer_id IS NULL
WHERE t.tenant_id = %(tenant_id)s AND t.term = %(term)s
ORDER BY t.placed_at, t.order_id
LIMIT %(orders_max)s

-- name: guest_orders_for_update
SELECT o.order_id, o.contact_email FROM orders o
WHERE o.tenant_id = %(tenant_id)s AND o.order_id = ANY(%(order_ids)s::uuid[]) AND o.customer_id IS NULL
ORDER BY o.order_id
FOR NO KEY UPDATE
