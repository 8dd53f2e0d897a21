-- Guests who look for their order.

-- name: orders_by_number
SELECT o.order_id, o.contact_email, o.contact_phone, c.email, c.phone
FROM orders o
LEFT JOIN customer c ON c.tenant_id = o.tenant_id AND c.customer_id = o.customer_id
WHERE o.tenant_id = %(tenant_id)s AND o.number = ANY(%(numbers)s::text[])
ORDER BY o.order_id

-- name: insert_look_up
INSERT INTO order_look_up (
    tenant_id, look_up_id, order_id, secret_hash, code_hash, attempts, created_at, expires_at
)
SELECT t.tenant_id, %(look_up_id)s, %(order_id)s::uuid, %(secret_hash)s, NULL, 0, %(at)s, %(expires_at)s
FROM tenant t WHERE t.tenant_id = %(tenant_id)s

-- name: forget_look_ups
DELETE FROM order_look_up
WHERE tenant_id = %(tenant_id)s AND look_up_id IN (
    SELECT l.look_up_id FROM order_look_up l
    WHERE l.tenant_id = %(tenant_id)s AND l.expires_at <= %(at)s
    ORDER BY l.expires_at
    LIMIT %(rows_max)s
    FOR UPDATE SKIP LOCKED
)

-- name: mint_codes
UPDATE order_look_up l SET code_hash = u.code_hash
FROM unnest(%(look_up_ids)s::uuid[], %(code_hashes)s::bytea[]) AS u (look_up_id, code_hash)
WHERE l.tenant_id = %(tenant_id)s AND l.look_up_id = u.look_up_id AND l.order_id IS NOT NULL AND l.expires_at > %(at)s
RETURNING l.look_up_id, l.expires_at

-- name: count_attempt
UPDATE order_look_up SET attempts = attempts + 1
WHERE tenant_id = %(tenant_id)s AND secret_hash = %(secret_hash)s AND expires_at > %(at)s
    AND attempts < %(attempts_max)s
RETURNING look_up_id, order_id, code_hash

-- name: use_look_up
DELETE FROM order_look_up WHERE tenant_id = %(tenant_id)s AND look_up_id = %(look_up_id)s
