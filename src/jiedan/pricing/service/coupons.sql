-- Writes of batches and their codes. Callers hold the lock of the batch, or have just made it.

-- name: insert_batch
INSERT INTO coupon_batch (
    tenant_id, batch_id, promotion, origin, prefix, size, made, uses_max, uses_per_customer_max, valid_from, valid_until,
    note, actor_kind, actor_id, created_at, version, is_personal
)
SELECT
    t.tenant_id, %(batch_id)s::uuid, %(promotion)s, %(origin)s, %(prefix)s, %(size)s::bigint, 0, %(uses_max)s::bigint,
    %(uses_per_customer_max)s::bigint, %(valid_from)s::timestamptz, %(valid_until)s::timestamptz, %(note)s,
    %(actor_kind)s, %(actor_id)s, %(now)s, 1, %(is_personal)s::boolean
FROM tenant t
WHERE t.tenant_id = %(tenant_id)s

-- name: insert_coupons
-- A code that is there already is left out, and is made anew, or refused.
INSERT INTO coupon (tenant_id, coupon_id, batch_id, number, code)
SELECT t.tenant_id, u.coupon_id, %(batch_id)s::uuid, u.number, u.code
FROM tenant t CROSS JOIN unnest(%(coupon_ids)s::uuid[], %(numbers)s::bigint[], %(codes)s::text[])
    AS u (coupon_id, number, code)
WHERE t.tenant_id = %(tenant_id)s
ORDER BY u.code
ON CONFLICT (tenant_id, code) DO NOTHING
RETURNING number

-- name: count_made
UPDATE coupon_batch SET made = %(made)s::bigint, size = %(size)s::bigint
WHERE tenant_id = %(tenant_id)s AND batch_id = %(batch_id)s

-- name: change_batch
UPDATE coupon_batch
SET valid_from = %(valid_from)s::timestamptz, valid_until = %(valid_until)s::timestamptz, note = %(note)s,
    blocked_at = %(blocked_at)s::timestamptz, version = version + 1
WHERE tenant_id = %(tenant_id)s AND batch_id = %(batch_id)s

-- name: coupons_for_update
SELECT c.coupon_id
FROM coupon c
WHERE c.tenant_id = %(tenant_id)s AND c.coupon_id = ANY(%(coupon_ids)s::uuid[])
ORDER BY c.coupon_id
FOR NO KEY UPDATE

-- name: block_coupons
UPDATE coupon SET blocked_at = %(blocked_at)s::timestamptz
WHERE tenant_id = %(tenant_id)s AND coupon_id = ANY(%(coupon_ids)s::uuid[])
    AND (blocked_at IS NOT NULL) <> %(is_blocked)s::boolean
RETURNING coupon_id, batch_id

-- name: name_customers
INSERT INTO coupon_customer (tenant_id, batch_id, customer_id, named_at)
SELECT t.tenant_id, %(batch_id)s::uuid, u.customer_id, %(now)s
FROM tenant t CROSS JOIN unnest(%(customer_ids)s::uuid[]) AS u (customer_id)
WHERE t.tenant_id = %(tenant_id)s
ORDER BY u.customer_id
ON CONFLICT (tenant_id, batch_id, customer_id) DO NOTHING
RETURNING customer_id

-- name: unname_customers
-- Whoever is asked for goes with the duplicates that were merged into them.
DELETE FROM coupon_customer n
USING customer x
WHERE n.tenant_id = %(tenant_id)s AND n.batch_id = %(batch_id)s
    AND x.tenant_id = n.tenant_id AND x.customer_id = n.customer_id
    AND (x.customer_id = ANY(%(customer_ids)s::uuid[]) OR x.merged_into = ANY(%(customer_ids)s::uuid[]))
RETURNING n.customer_id

-- name: count_change
UPDATE coupon_batch SET version = version + 1
WHERE tenant_id = %(tenant_id)s AND batch_id = %(batch_id)s

-- name: forget_customers
DELETE FROM coupon_customer n
WHERE n.tenant_id = %(tenant_id)s AND n.customer_id = ANY(%(customer_ids)s::uuid[])
