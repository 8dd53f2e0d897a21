-- What must hold of carts. Each statement only reads, and returns the rows of one merchant that break it; the number
-- in its name is that of the invariant. Parameters: tenant_id, and now where time matters.

-- name: i12_an_ordered_cart_holds_nothing
-- What it held went over to the order in the transaction that placed it.
SELECT c.cart_id, c.order_id, r.sku_id, r.location_id, r.quantity AS found, 0 AS expected
FROM cart c
JOIN reservation r ON r.tenant_id = c.tenant_id AND r.owner_kind = 'cart' AND r.owner_id = c.cart_id
WHERE c.tenant_id = %(tenant_id)s AND c.order_id IS NOT NULL

-- name: i12_a_cart_holds_no_more_than_is_in_it
-- Goods as they are, and the parts of kits. Products change under a cart, so parts count as they are now, or were held.
SELECT h.cart_id, h.sku_id, sum(h.held) AS found, sum(h.wanted) AS expected
FROM (
    SELECT c.cart_id, r.sku_id, r.quantity AS held, 0 AS wanted
    FROM cart c
    JOIN reservation r ON r.tenant_id = c.tenant_id AND r.owner_kind = 'cart' AND r.owner_id = c.cart_id
    WHERE c.tenant_id = %(tenant_id)s AND c.order_id IS NULL
    UNION ALL
    SELECT l.cart_id, l.sku_id, 0, l.quantity
    FROM cart_line l
    WHERE l.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT l.cart_id, k.component_id, 0, l.quantity * k.quantity
    FROM cart_line l
    JOIN sku_component k ON k.tenant_id = l.tenant_id AND k.sku_id = l.sku_id
    WHERE l.tenant_id = %(tenant_id)s
) AS h
GROUP BY h.cart_id, h.sku_id
HAVING sum(h.held) > sum(h.wanted)

-- name: i18_the_order_of_a_cart_is_the_same_merchants
SELECT c.cart_id, c.order_id
FROM cart c
LEFT JOIN orders o ON o.tenant_id = c.tenant_id AND o.order_id = c.order_id
WHERE c.tenant_id = %(tenant_id)s AND c.order_id IS NOT NULL AND o.order_id IS NULL
