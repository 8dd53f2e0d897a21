-- What is written of carts.

-- name: insert_cart
-- Of two that open a cart for one holder at once, the second finds the first's.
INSERT INTO cart (tenant_id, cart_id, holder_hash, customer_id, currency, order_id, version, created_at, updated_at)
SELECT t.tenant_id, %(cart_id)s, %(holder_hash)s, %(customer_id)s, %(currency)s, NULL, 1, %(now)s, %(now)s
FROM tenant t
WHERE t.tenant_id = %(tenant_id)s
ON CONFLICT DO NOTHING
RETURNING cart_id

-- name: delete_lines_beyond
DELETE FROM cart_line l
WHERE l.tenant_id = %(tenant_id)s AND l.cart_id = %(cart_id)s AND NOT EXISTS (
    SELECT 1 FROM unnest(%(sku_ids)s::uuid[], %(pieces)s::text[]) AS u (sku_id, piece)
    WHERE u.sku_id = l.sku_id AND u.piece = l.piece
)

-- name: put_lines
INSERT INTO cart_line (tenant_id, cart_id, sku_id, piece, attributes, quantity, unit_minor, currency, position)
SELECT
    t.tenant_id, %(cart_id)s, u.sku_id, u.piece, u.attributes::jsonb, u.quantity, u.unit_minor, %(currency)s, u.position
FROM tenant t CROSS JOIN unnest(
    %(sku_ids)s::uuid[], %(pieces)s::text[], %(attributes)s::text[], %(quantities)s::bigint[],
    %(units_minor)s::bigint[], %(positions)s::bigint[]
) AS u (sku_id, piece, attributes, quantity, unit_minor, position)
WHERE t.tenant_id = %(tenant_id)s
ON CONFLICT (tenant_id, cart_id, sku_id, piece)
DO UPDATE SET
    quantity = excluded.quantity, unit_minor = excluded.unit_minor, currency = excluded.currency,
    position = excluded.position

-- name: touch
UPDATE cart
SET coupons = %(coupons)s::text[], currency = %(currency)s, customer_id = %(customer_id)s, version = %(version)s, updated_at = %(now)s
WHERE tenant_id = %(tenant_id)s AND cart_id = %(cart_id)s

-- name: close_carts
UPDATE cart c
SET order_id = u.order_id, version = c.version + 1, updated_at = %(now)s
FROM unnest(%(cart_ids)s::uuid[], %(order_ids)s::uuid[]) AS u (cart_id, order_id)
WHERE c.tenant_id = %(tenant_id)s AND c.cart_id = u.cart_id AND c.order_id IS NULL

-- name: delete_lines
DELETE FROM cart_line WHERE tenant_id = %(tenant_id)s AND cart_id = ANY(%(cart_ids)s::uuid[])

-- name: delete_carts
DELETE FROM cart WHERE tenant_id = %(tenant_id)s AND cart_id = ANY(%(cart_ids)s::uuid[])
