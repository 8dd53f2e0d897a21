-- Writes of uses. Callers hold the locks of the counters concerned.

-- name: open_counters
-- A counter comes to be with the first use; who needs it at the same moment finds it there.
INSERT INTO promotion_use (tenant_id, scope, subject, customer, used)
SELECT t.tenant_id, u.scope, u.subject, u.customer, 0
FROM tenant t CROSS JOIN unnest(%(scopes)s::text[], %(subjects)s::text[], %(customers)s::text[])
    AS u (scope, subject, customer)
WHERE t.tenant_id = %(tenant_id)s
ORDER BY u.scope, u.subject, u.customer
ON CONFLICT (tenant_id, scope, subject, customer) DO NOTHING

-- name: change_counters
-- The guard keeps a counter inside its cap, whatever the caller has decided. What falls keeps the cap it had.
UPDATE promotion_use p
SET used = p.used + u.change, cap = CASE WHEN u.change > 0 THEN u.cap ELSE p.cap END
FROM unnest(
    %(scopes)s::text[], %(subjects)s::text[], %(customers)s::text[], %(changes)s::bigint[], %(caps)s::bigint[]
) AS u (scope, subject, customer, change, cap)
WHERE p.tenant_id = %(tenant_id)s AND p.scope = u.scope AND p.subject = u.subject AND p.customer = u.customer
    AND p.used + u.change >= 0 AND (u.change < 0 OR u.cap IS NULL OR p.used + u.change <= u.cap)
RETURNING p.scope

-- name: give_back
UPDATE redemption r
SET given_back_at = %(now)s
WHERE r.tenant_id = %(tenant_id)s AND r.redemption_id = ANY(%(redemption_ids)s::uuid[]) AND r.given_back_at IS NULL
RETURNING r.redemption_id

-- name: insert_redemptions
INSERT INTO redemption (
    tenant_id, redemption_id, order_id, promotion, coupon_id, customer_id, units, currency, discount_minor, redeemed_at
)
SELECT
    t.tenant_id, u.redemption_id, u.order_id, u.promotion, u.coupon_id, u.customer_id, u.units, u.currency,
    u.discount_minor, %(now)s
FROM tenant t CROSS JOIN unnest(
    %(redemption_ids)s::uuid[], %(order_ids)s::uuid[], %(promotions)s::text[], %(coupon_ids)s::uuid[],
    %(customer_ids)s::uuid[], %(units)s::bigint[], %(currencies)s::text[], %(discounts_minor)s::bigint[]
) AS u (redemption_id, order_id, promotion, coupon_id, customer_id, units, currency, discount_minor)
WHERE t.tenant_id = %(tenant_id)s
