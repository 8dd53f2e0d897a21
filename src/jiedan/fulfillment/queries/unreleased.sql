-- What waits to be released.

-- name: unreleased
SELECT o.placed_at, o.order_id, EXISTS (
    SELECT 1 FROM order_line l
    WHERE l.tenant_id = %(tenant_id)s AND l.order_id = o.order_id AND l.kind IN ('goods', 'component')
        AND l.ordered - l.canceled - l.shipped > l.released
) AS waits
FROM orders o
WHERE o.tenant_id = %(tenant_id)s AND o.lifecycle = 'open' AND NOT o.history
    AND o.fulfillment_status IN ('waiting', 'partly_allocated', 'allocated', 'partly_shipped')
    AND (o.placed_at, o.order_id) > (%(placed_at)s::timestamptz, %(order_id)s::uuid)
ORDER BY o.placed_at, o.order_id
LIMIT %(looked_at_max)s
