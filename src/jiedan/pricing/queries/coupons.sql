-- Reads of batches and their codes.

-- name: batch
SELECT
    b.batch_id, b.promotion, b.origin, b.prefix, b.size, b.made, coalesce(u.used, 0), b.uses_max,
    b.uses_per_customer_max, b.valid_from, b.valid_until, b.note, b.blocked_at, b.created_at, b.actor_kind, b.actor_id,
    b.version, b.is_personal
FROM coupon_batch b
LEFT JOIN promotion_use u ON u.tenant_id = b.tenant_id AND u.scope = 'batch' AND u.subject = b.batch_id::text
    AND u.customer = ''
WHERE b.tenant_id = %(tenant_id)s AND b.batch_id = %(batch_id)s

-- name: batch_for_update
SELECT b.batch_id, b.promotion, b.origin, b.prefix, b.size, b.made, 0, b.uses_max, b.uses_per_customer_max,
    b.valid_from, b.valid_until, b.note, b.blocked_at, b.created_at, b.actor_kind, b.actor_id, b.version,
    b.is_personal
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

-- name: customers_of
-- For whom a batch is, whoever was merged into another as that one; by id, which is by age.
SELECT DISTINCT CASE WHEN x.merged_into IS NULL THEN x.customer_id ELSE x.merged_into END
FROM coupon_customer n
JOIN customer x ON x.tenant_id = n.tenant_id AND x.customer_id = n.customer_id
WHERE n.tenant_id = %(tenant_id)s AND n.batch_id = %(batch_id)s
ORDER BY 1

-- name: codes_for
-- Of each batch that is for one of these customers, the first code that may still be used; the newest batches first.
SELECT c.code
FROM (
    SELECT DISTINCT n.batch_id
    FROM coupon_customer n
    WHERE n.tenant_id = %(tenant_id)s AND n.customer_id = ANY(%(customer_ids)s::uuid[])
) AS named
JOIN coupon_batch b ON b.tenant_id = %(tenant_id)s AND b.batch_id = named.batch_id
CROSS JOIN LATERAL (
    SELECT k.code
    FROM coupon k
    LEFT JOIN promotion_use u ON u.tenant_id = k.tenant_id AND u.scope = 'coupon' AND u.subject = k.coupon_id::text
        AND u.customer = ''
    WHERE k.tenant_id = %(tenant_id)s AND k.batch_id = b.batch_id AND k.blocked_at IS NULL
        AND (b.uses_max IS NULL OR coalesce(u.used, 0) < b.uses_max)
    ORDER BY k.number
    LIMIT 1
) AS c
WHERE b.is_personal AND b.blocked_at IS NULL AND (b.valid_from IS NULL OR b.valid_from <= %(now)s)
    AND (b.valid_until IS NULL OR b.valid_until > %(now)s)
ORDER BY b.batch_id DESC
LIMIT %(limit)s::bigint
