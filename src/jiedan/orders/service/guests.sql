-- What is written of guests' orders when it is known who placed them.

-- name: identify_guests
UPDATE orders SET customer_id = %(customer_id)s::uuid
WHERE tenant_id = %(tenant_id)s AND order_id = ANY(%(order_ids)s::uuid[]) AND customer_id IS NULL
RETURNING order_id
