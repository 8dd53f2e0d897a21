-- What orders want of SKUs, for pages about stock.

-- name: waiting_units
-- Of each SKU, what its first waiting lines wait for: a bounded look.
SELECT u.sku_id, (
    SELECT sum(w.units)
    FROM (
        SELECT l.ordered - l.canceled - l.shipped - l.allocated AS units
        FROM order_line l
        JOIN orders o ON o.tenant_id = l.tenant_id AND o.order_id = l.order_id
        WHERE l.tenant_id = %(tenant_id)s AND l.sku_id = u.sku_id
            AND l.kind IN ('goods', 'component') AND l.ordered > l.canceled + l.shipped + l.allocated
            AND o.lifecycle = 'open' AND o.claims_stock
        ORDER BY l.placed_at, l.line_id
        LIMIT %(lines_max)s
    ) AS w
)
FROM unnest(%(sku_ids)s::uuid[]) AS u (sku_id)

-- name: lines_waiting_for
SELECT
    l.order_id, o.number, o.contact_name, l.ordered - l.canceled - l.shipped - l.allocated, o.placed_at,
    o.promised_p90_on
FROM order_line l
JOIN orders o ON o.tenant_id = l.tenant_id AND o.order_id = l.order_id
WHERE l.tenant_id = %(tenant_id)s AND l.sku_id = %(sku_id)s
    AND l.kind IN ('goods', 'component') AND l.ordered > l.canceled + l.shipped + l.allocated
    AND o.lifecycle = 'open' AND o.claims_stock
ORDER BY l.placed_at, l.line_id
LIMIT %(limit)s

-- name: orders_of_lines
SELECT l.line_id, o.order_id, o.number
FROM order_line l
JOIN orders o ON o.tenant_id = l.tenant_id AND o.order_id = l.order_id
WHERE l.tenant_id = %(tenant_id)s AND l.line_id = ANY(%(line_ids)s::uuid[])
