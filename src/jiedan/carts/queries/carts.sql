-- Carts by their ids and by who has them.

-- name: carts
SELECT c.cart_id, c.customer_id, c.currency, c.order_id, c.version, c.updated_at, c.coupons
FROM cart c
WHERE c.tenant_id = %(tenant_id)s AND c.cart_id = ANY(%(cart_ids)s::uuid[])

-- name: carts_for_update
SELECT c.cart_id, c.customer_id, c.currency, c.order_id, c.version, c.updated_at, c.coupons
FROM cart c
WHERE c.tenant_id = %(tenant_id)s AND c.cart_id = ANY(%(cart_ids)s::uuid[])
ORDER BY c.cart_id
FOR NO KEY UPDATE OF c

-- name: lines
SELECT l.cart_id, l.sku_id, l.quantity, l.unit_minor, l.currency, l.attributes, l.piece
FROM cart_line l
WHERE l.tenant_id = %(tenant_id)s AND l.cart_id = ANY(%(cart_ids)s::uuid[])
ORDER BY l.cart_id, l.position, l.sku_id, l.piece

-- name: open_of_holder
SELECT c.cart_id
FROM cart c
WHERE c.tenant_id = %(tenant_id)s AND c.holder_hash = %(holder_hash)s AND c.order_id IS NULL

-- name: open_of_customer
SELECT c.cart_id
FROM cart c
WHERE c.tenant_id = %(tenant_id)s AND c.customer_id = %(customer_id)s AND c.order_id IS NULL

-- name: last_ordered
SELECT c.cart_id, c.order_id
FROM cart c
WHERE c.tenant_id = %(tenant_id)s AND c.holder_hash = %(holder_hash)s AND c.order_id IS NOT NULL
ORDER BY c.cart_id DESC
LIMIT 1

-- name: last_ordered_of_customer
SELECT c.cart_id, c.order_id
FROM cart c
WHERE c.tenant_id = %(tenant_id)s AND c.customer_id = %(customer_id)s AND c.order_id IS NOT NULL
ORDER BY c.cart_id DESC
LIMIT 1

-- name: untouched
SELECT c.cart_id
FROM cart c
WHERE c.tenant_id = %(tenant_id)s AND c.updated_at < %(before)s
ORDER BY c.updated_at
LIMIT %(limit)s

-- name: of_holder
SELECT c.cart_id, sum(l.quantity)::bigint
FROM cart c
LEFT JOIN cart_line l ON l.tenant_id = c.tenant_id AND l.cart_id = c.cart_id
WHERE c.tenant_id = %(tenant_id)s AND c.holder_hash = %(holder_hash)s AND c.order_id IS NULL
GROUP BY c.cart_id

-- name: of_customer
SELECT c.cart_id, sum(l.quantity)::bigint
FROM cart c
LEFT JOIN cart_line l ON l.tenant_id = c.tenant_id AND l.cart_id = c.cart_id
WHERE c.tenant_id = %(tenant_id)s AND c.customer_id = %(customer_id)s AND c.order_id IS NULL
GROUP BY c.cart_id

-- name: carts_of_customers
SELECT c.cart_id FROM cart c
WHERE c.tenant_id = %(tenant_id)s AND c.customer_id = ANY(%(customer_ids)s::uuid[])
ORDER BY c.cart_id

-- name: carts_of_orders
SELECT c.cart_id FROM cart c
WHERE c.tenant_id = %(tenant_id)s AND c.order_id = ANY(%(order_ids)s::uuid[])
ORDER BY c.cart_id
