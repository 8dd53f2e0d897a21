-- Orders by who looks after them.

-- name: open_orders_of
SELECT o.order_id FROM orders o
WHERE o.tenant_id = %(tenant_id)s AND o.assignee_id = ANY(%(staff_ids)s::uuid[]) AND o.lifecycle = 'open'
ORDER BY o.placed_at, o.order_id
LIMIT %(orders_max)s
