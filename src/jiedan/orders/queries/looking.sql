-- Who looks at orders, and what customers have spent.

-- name: looking
SELECT p.staff_id FROM order_presence p
WHERE p.tenant_id = %(tenant_id)s AND p.order_id = %(order_id)s AND p.seen_at >= %(since)s
    AND p.staff_id <> %(staff_id)s
ORDER BY p.seen_at DESC, p.staff_id
LIMIT %(limit)s

-- name: spending
-- The newest orders of a customer under every id it ever had, by month of the merchant. Amounts are of one currency.
SELECT date_trunc('month', o.placed_at AT TIME ZONE %(time_zone)s)::date AS month, count(*),
    coalesce(sum(o.total_minor) FILTER (WHERE o.currency = %(currency)s), 0)::bigint
FROM (
    SELECT x.placed_at, x.currency, x.total_minor FROM orders x
    WHERE x.tenant_id = %(tenant_id)s AND x.customer_id = ANY(%(customer_ids)s::uuid[]) AND x.lifecycle <> 'canceled'
    ORDER BY x.placed_at DESC, x.order_id DESC
    LIMIT %(limit)s
) AS o
GROUP BY 1
ORDER BY 1
