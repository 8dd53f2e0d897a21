-- Lines that wait for goods.

-- name: waiting_lines
-- Those of the SKUs that can use what there is now: goods are free at a location they may come from. An order that is
-- never split takes a line whole, and from where it holds goods already. Oldest promise first; an order without one was
-- promised when it was placed.
SELECT l.order_id, l.line_id
FROM order_line l
JOIN orders o ON o.tenant_id = l.tenant_id AND o.order_id = l.order_id
WHERE l.tenant_id = %(tenant_id)s AND l.sku_id = ANY(%(sku_ids)s::uuid[])
    AND l.kind IN ('goods', 'component') AND l.ordered > l.canceled + l.shipped + l.allocated
    AND o.lifecycle = 'open' AND o.claims_stock
    AND EXISTS (
        SELECT 1
        FROM stock s
        JOIN location p ON p.tenant_id = s.tenant_id AND p.location_id = s.location_id
        WHERE s.tenant_id = %(tenant_id)s AND s.sku_id = l.sku_id AND p.is_active
            AND s.on_hand - s.reserved - s.safety_stock > 0
            AND CASE
                WHEN l.requested_location_id IS NOT NULL THEN s.location_id = l.requested_location_id
                WHEN o.requested_location_id IS NOT NULL THEN s.location_id = o.requested_location_id
                WHEN o.split <> 'never' THEN true
                ELSE NOT EXISTS (
                    SELECT 1
                    FROM order_line x
                    JOIN reservation r ON r.tenant_id = x.tenant_id AND r.owner_kind = 'order_line'
                        AND r.owner_id = x.line_id
                    WHERE x.tenant_id = %(tenant_id)s AND x.order_id = l.order_id AND x.allocated > 0
                        AND r.location_id <> s.location_id
                )
            END
            AND (
                o.split <> 'never'
                OR s.on_hand - s.reserved - s.safety_stock >= l.ordered - l.canceled - l.shipped - l.allocated
            )
    )
ORDER BY coalesce(o.promised_at, l.placed_at), l.placed_at, l.line_id
LIMIT %(limit)s

-- name: skus_to_fill
-- SKUs that somebody waits for although some are free, in the order of their ids.
SELECT DISTINCT l.sku_id
FROM order_line l
JOIN orders o ON o.tenant_id = l.tenant_id AND o.order_id = l.order_id
JOIN stock s ON s.tenant_id = l.tenant_id AND s.sku_id = l.sku_id
JOIN location p ON p.tenant_id = s.tenant_id AND p.location_id = s.location_id
WHERE l.tenant_id = %(tenant_id)s AND l.sku_id > %(after)s
    AND l.kind IN ('goods', 'component') AND l.ordered > l.canceled + l.shipped + l.allocated
    AND o.lifecycle = 'open' AND o.claims_stock
    AND p.is_active AND s.on_hand - s.reserved - s.safety_stock > 0
ORDER BY l.sku_id
LIMIT %(limit)s
