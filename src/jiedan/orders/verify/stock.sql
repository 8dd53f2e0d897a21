-- What must hold of the goods of orders. Each statement only reads, and returns the rows of one merchant that break it;
-- the number in its name is that of the invariant. Parameters: tenant_id, and now where time matters.

-- name: i05_ended_orders_hold_no_stock
SELECT o.order_id, o.number, o.lifecycle, r.sku_id, r.location_id, r.quantity AS found
FROM reservation r
JOIN order_line l ON l.tenant_id = r.tenant_id AND l.line_id = r.owner_id
JOIN orders o ON o.tenant_id = l.tenant_id AND o.order_id = l.order_id
WHERE r.tenant_id = %(tenant_id)s AND r.owner_kind = 'order_line' AND o.lifecycle <> 'open'

-- name: i05_shipped_is_what_left_the_stock
-- Lines and the ledger of stock name the same goods, line by line.
SELECT c.line_id, c.sku_id, sum(c.shipped) AS found, sum(c.left_stock) AS expected
FROM (
    SELECT l.line_id, l.sku_id, l.shipped, 0 AS left_stock
    FROM order_line l
    WHERE l.tenant_id = %(tenant_id)s AND l.shipped > 0
    UNION ALL
    SELECT m.subject_id, m.sku_id, 0, -m.quantity
    FROM stock_movement m
    WHERE m.tenant_id = %(tenant_id)s AND m.kind = 'shipment'
) AS c
GROUP BY c.line_id, c.sku_id
HAVING sum(c.shipped) <> sum(c.left_stock)

-- name: i12_allocated_is_what_the_line_holds
SELECT l.order_id, l.line, l.allocated AS found, coalesce(r.held, 0) AS expected
FROM order_line l
LEFT JOIN (
    SELECT v.owner_id, sum(v.quantity) AS held
    FROM reservation v
    WHERE v.tenant_id = %(tenant_id)s AND v.owner_kind = 'order_line'
    GROUP BY v.owner_id
) AS r ON r.owner_id = l.line_id
WHERE l.tenant_id = %(tenant_id)s AND l.allocated <> coalesce(r.held, 0)

-- name: i13_nothing_is_sold_that_never_was_there
-- What lines hold or have been sent, against everything that ever came in and was not lost: of each SKU, at all
-- locations. What waits for stock is not sold yet. Goods on their way between locations are nobody's to sell.
SELECT c.sku_id, sum(c.sold) AS found, sum(c.there) AS expected
FROM (
    SELECT l.sku_id, l.allocated + l.shipped AS sold, 0 AS there
    FROM order_line l
    WHERE l.tenant_id = %(tenant_id)s AND l.allocated + l.shipped > 0
    UNION ALL
    SELECT m.sku_id, 0, m.quantity
    FROM stock_movement m
    WHERE m.tenant_id = %(tenant_id)s AND m.kind <> 'shipment'
) AS c
GROUP BY c.sku_id
HAVING sum(c.sold) > sum(c.there)

-- name: i18_reservations_belong_to_lines
-- A line holds its own SKU and no other.
SELECT r.owner_id, r.sku_id, r.location_id, r.quantity, l.sku_id AS expected
FROM reservation r
LEFT JOIN order_line l ON l.tenant_id = r.tenant_id AND l.line_id = r.owner_id AND l.sku_id = r.sku_id
WHERE r.tenant_id = %(tenant_id)s AND r.owner_kind = 'order_line' AND l.line_id IS NULL
