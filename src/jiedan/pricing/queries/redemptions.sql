-- Reads of uses: for the hot path, and the locking one.

-- name: coupons_by_code
-- Whoever was merged into another has their codes as that one.
SELECT
    c.code, c.coupon_id, c.batch_id, b.promotion, b.uses_max, b.uses_per_customer_max, b.valid_from, b.valid_until,
    c.blocked_at IS NOT NULL OR b.blocked_at IS NOT NULL, coalesce(u.used, 0),
    CASE WHEN b.is_personal THEN ARRAY(
        SELECT CASE WHEN x.merged_into IS NULL THEN x.customer_id ELSE x.merged_into END
        FROM coupon_customer n
        JOIN customer x ON x.tenant_id = n.tenant_id AND x.customer_id = n.customer_id
        WHERE n.tenant_id = %(tenant_id)s AND n.batch_id = b.batch_id
    ) END
FROM coupon c
JOIN coupon_batch b ON b.tenant_id = c.tenant_id AND b.batch_id = c.batch_id
LEFT JOIN promotion_use u ON u.tenant_id = c.tenant_id AND u.scope = 'coupon' AND u.subject = c.coupon_id::text
    AND u.customer = ''
WHERE c.tenant_id = %(tenant_id)s AND c.code = ANY(%(codes)s::text[])

-- name: used
-- How far the counters are that carts ask about: of promotions, of their units, and of customers, each with duplicates.
-- CASE, not coalesce(): row-level security keeps what PostgreSQL does not call leakproof out of index conditions.
WITH known AS (
    SELECT a.asked_id::text AS asked, d.customer_id::text AS customer
    FROM unnest(%(customers)s::uuid[]) AS a (asked_id)
    JOIN customer c ON c.tenant_id = %(tenant_id)s AND c.customer_id = a.asked_id
    CROSS JOIN LATERAL (
        SELECT CASE WHEN c.merged_into IS NULL THEN c.customer_id ELSE c.merged_into END AS customer_id
        UNION ALL
        SELECT m.customer_id FROM customer m
        WHERE m.tenant_id = %(tenant_id)s
            AND m.merged_into = CASE WHEN c.merged_into IS NULL THEN c.customer_id ELSE c.merged_into END
    ) AS d
)
SELECT p.scope, p.subject, p.customer, p.used
FROM promotion_use p
WHERE p.tenant_id = %(tenant_id)s AND p.scope IN ('promotion', 'units') AND p.subject = ANY(%(promotions)s::text[])
    AND p.customer = ''
UNION ALL
SELECT p.scope, p.subject, k.asked, sum(p.used)::bigint
FROM known k
JOIN promotion_use p ON p.tenant_id = %(tenant_id)s AND p.scope = 'promotion_customer'
    AND p.subject = ANY(%(promotions)s::text[]) AND p.customer = k.customer
GROUP BY p.scope, p.subject, k.asked
UNION ALL
SELECT p.scope, p.subject, k.asked, sum(p.used)::bigint
FROM coupon c
CROSS JOIN known k
JOIN promotion_use p ON p.tenant_id = c.tenant_id AND p.scope = 'coupon_customer' AND p.subject = c.coupon_id::text
    AND p.customer = k.customer
WHERE c.tenant_id = %(tenant_id)s AND c.code = ANY(%(codes)s::text[])
GROUP BY p.scope, p.subject, k.asked

-- name: uses_for_update
SELECT p.scope, p.subject, p.customer, p.used
FROM promotion_use p
JOIN unnest(%(scopes)s::text[], %(subjects)s::text[], %(customers)s::text[]) AS u (scope, subject, customer)
    ON u.scope = p.scope AND u.subject = p.subject AND u.customer = p.customer
WHERE p.tenant_id = %(tenant_id)s
ORDER BY p.scope, p.subject, p.customer
FOR NO KEY UPDATE OF p

-- name: live_of_orders
SELECT
    r.redemption_id, r.order_id, r.promotion, r.coupon_id, c.batch_id, coalesce(c.code, ''), r.customer_id, r.units,
    r.currency, r.discount_minor, r.redeemed_at, r.given_back_at
FROM redemption r
LEFT JOIN coupon c ON c.tenant_id = r.tenant_id AND c.coupon_id = r.coupon_id
WHERE r.tenant_id = %(tenant_id)s AND r.order_id = ANY(%(order_ids)s::uuid[]) AND r.given_back_at IS NULL
