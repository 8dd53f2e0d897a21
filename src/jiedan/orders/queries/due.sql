-- What falls due by the clock.

-- name: expired_orders
SELECT o.order_id FROM orders o
WHERE o.tenant_id = %(tenant_id)s AND o.expires_at <= %(at)s AND o.processing_count = 0
ORDER BY o.expires_at, o.order_id
LIMIT %(limit)s
