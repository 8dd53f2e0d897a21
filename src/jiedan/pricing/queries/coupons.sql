-- Reads of batches and their codes.

-- name: batch
SELECT
    b.batch_id, b.promotion, b.origin, b.prefix, b.size, b.made, coalesce(u.used, 0), b.uses_max,
    b.uses_per_customer_max, b.valid_from, b.valid_until, b.note, b.blocked_at, b.created_at, b.actor_kind, b.actor_id,
    b.version
FROM coupon_batch b
LEFT JOIN promotion_use u ON u.tenant_id = b.tenant_id AND u.scope = 'batch' AND u.subject = b.batch_id::text
    AND u.customer = ''
WHERE b.tenant_id = %(tenant_id)s AND b.batch_id = %(batch_id)s

-- name: batch_for_update
SELECT b.batch_id, b.promotion, b.origin, b.prefix, b.size, b.made, 0, b.uses_max, b.uses_per_customer_max,
    b.valid_from, b.valid_until, b.note, b.blocked_at, b.created_at, b.actor_kind, b.actor_id, b.version
FROM coupon_batch b
WHERE b.tenant_id = %(tenant_id)s AND b.batch_id = %(batch_id)s
FOR NO KEY UPDATE

-- name: coupons
SELECT c.coupon_id, c.batch_id, c.number, c.code, b.promotion, coalesce(u.used, 0), c.blocked_at, b.origin, b.prefix
FROM coupon c
JOIN coupon_batch b ON b.tenant_id = c.tenant_id AND b.batch_id = c.batch_id
LEFT JOIN promotion_use u ON u.tenant_id = c.tenant_id AND u.scope = 'coupon' AND u.subject = c.coupon_id::text
    AND u.customer = ''
WHERE c.tenant_id = %(tenant_id)s AND c.coupon_id = ANY(%(coupon_ids)s::uuid[])

-- name: coupon_of_code
SELECT c.coupon_id FROM coupon c WHERE c.tenant_id = %(tenant_id)s AND c.code = %(code)s

-- name: codes_of
SELECT c.number, c.code, c.blocked_at, coalesce(u.used, 0)
FROM coupon c
LEFT JOIN promotion_use u ON u.tenant_id = c.tenant_id AND u.scope = 'coupon' AND u.subject = c.coupon_id::text
    AND u.customer = ''
WHERE c.tenant_id = %(tenant_id)s AND c.batch_id = %(batch_id)s AND c.number > %(after)s::bigint
ORDER BY c.number
LIMIT %(limit)s::bigint

-- name: batches_used
SELECT p.subject, p.used
FROM promotion_use p
WHERE p.tenant_id = %(tenant_id)s AND p.scope = 'batch' AND p.customer = '' AND p.subject = ANY(%(batch_ids)s::text[])

-- name: codes_by_id
SELECT c.coupon_id, c.batch_id, c.code
FROM coupon c
WHERE c.tenant_id = %(tenant_id)s AND c.coupon_id = ANY(%(coupon_ids)s::uuid[])
