-- What must hold of price rules. Each statement only reads, and returns the rows of one merchant that break it; the number
-- in its name is that of the invariant. Parameters: tenant_id, and now where time matters.

-- name: i16_every_change_of_the_price_rules_has_its_event
SELECT sum(c.versions) AS found, sum(c.told) AS expected
FROM (
    SELECT r.version AS versions, 0 AS told
    FROM price_rule_set r
    WHERE r.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT 0, 1
    FROM event_log e
    WHERE e.tenant_id = %(tenant_id)s AND e.kind = 'pricing.rules_changed'
) AS c
HAVING sum(c.versions) <> sum(c.told)

-- name: i02_books_are_numbered_without_a_gap
-- The first may have a higher number than 1: versions of before there were books are not kept.
SELECT r.version, max(b.version) AS found, min(b.version) + count(*) - 1 AS expected
FROM price_rule_set r
LEFT JOIN price_book b ON b.tenant_id = r.tenant_id
WHERE r.tenant_id = %(tenant_id)s
GROUP BY r.version
HAVING count(b.version) > 0 AND (max(b.version) <> r.version OR max(b.version) <> min(b.version) + count(*) - 1)
    OR count(b.version) = 0 AND r.version > 0

-- name: i05_no_book_begins_before_an_older_one
SELECT b.version, b.begins_at AS found, a.begins_at AS expected
FROM price_book b
JOIN price_book a ON a.tenant_id = b.tenant_id AND a.version < b.version
LEFT JOIN price_book_withdrawal w ON w.tenant_id = a.tenant_id AND w.version = a.version
WHERE b.tenant_id = %(tenant_id)s AND w.version IS NULL AND a.begins_at IS NOT NULL
    AND CASE WHEN b.begins_at IS NULL THEN b.published_at ELSE b.begins_at END < a.begins_at

-- name: i05_books_name_each_rule_once
-- What orders are priced by can be read and compiled: no rule without a name, none twice.
SELECT b.version, r.kind, r.code, count(*) AS found, 1 AS expected
FROM price_book b
CROSS JOIN LATERAL (
    SELECT 'promotion' AS kind, p ->> 'id' AS code FROM jsonb_array_elements(b.document -> 'promotions') AS p
    UNION ALL
    SELECT 'price_list', p ->> 'code' FROM jsonb_array_elements(b.document -> 'price_lists') AS p
    UNION ALL
    SELECT 'shipping_method', p ->> 'code' FROM jsonb_array_elements(b.document -> 'shipping_methods') AS p
    UNION ALL
    SELECT 'surcharge', p ->> 'code' FROM jsonb_array_elements(b.document -> 'surcharges') AS p
    UNION ALL
    SELECT 'formula', p ->> 'code' FROM jsonb_array_elements(b.document -> 'formulas') AS p
    UNION ALL
    SELECT 'manual_limit', p ->> 'role' FROM jsonb_array_elements(b.document -> 'manual_limits') AS p
) AS r
WHERE b.tenant_id = %(tenant_id)s
GROUP BY b.version, r.kind, r.code
HAVING count(*) > 1 OR coalesce(r.code, '') = ''

-- name: i05_only_what_has_not_begun_is_taken_back
SELECT w.version, w.withdrawn_at AS found, b.begins_at AS expected
FROM price_book_withdrawal w
JOIN price_book b ON b.tenant_id = w.tenant_id AND b.version = w.version
WHERE w.tenant_id = %(tenant_id)s AND (b.begins_at IS NULL OR b.begins_at <= w.withdrawn_at)

-- name: i16_price_rules_that_were_taken_back_were_told
SELECT r.removal_id, count(e.event_id) AS found, 1 AS expected
FROM price_rule_removal r
LEFT JOIN event_log e ON e.tenant_id = r.tenant_id AND e.subject_id = r.removal_id AND e.kind = 'pricing.rules_restored'
WHERE r.tenant_id = %(tenant_id)s AND r.restored_at IS NOT NULL
GROUP BY r.removal_id
HAVING count(e.event_id) <> 1

-- name: i18_prices_of_lists_have_their_list
SELECT DISTINCT e.list_code, e.currency AS found
FROM price_list_entry e
WHERE e.tenant_id = %(tenant_id)s
    AND NOT EXISTS (
        SELECT 1 FROM price_rule x
        WHERE x.tenant_id = e.tenant_id AND x.kind = 'price_list' AND x.code = e.list_code
            AND x.body ->> 'currency' = e.currency
    )
    AND NOT EXISTS (
        SELECT 1 FROM price_book b CROSS JOIN LATERAL jsonb_array_elements(b.document -> 'price_lists') AS l
        WHERE b.tenant_id = e.tenant_id AND l ->> 'code' = e.list_code AND l ->> 'currency' = e.currency
    )

-- name: i04_batches_have_the_codes_that_they_say
SELECT c.batch_id, sum(c.made) AS found, sum(c.codes) AS expected
FROM (
    SELECT b.batch_id, b.made, 0 AS codes
    FROM coupon_batch b
    WHERE b.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT k.batch_id, 0, 1
    FROM coupon k
    WHERE k.tenant_id = %(tenant_id)s
) AS c
GROUP BY c.batch_id
HAVING sum(c.made) <> sum(c.codes)

-- name: i14_an_order_uses_a_promotion_once
SELECT r.order_id, r.promotion, count(*) AS found, 1 AS expected
FROM redemption r
WHERE r.tenant_id = %(tenant_id)s AND r.given_back_at IS NULL
GROUP BY r.order_id, r.promotion
HAVING count(*) > 1

-- name: i15_counters_are_their_live_redemptions
-- Two sums side by side, not a join: redemptions without a counter are found as well as counters without redemptions.
SELECT c.scope, c.subject, c.customer, sum(c.counted) AS found, sum(c.live) AS expected
FROM (
    SELECT p.scope, p.subject, p.customer, p.used AS counted, 0 AS live
    FROM promotion_use p
    WHERE p.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT 'promotion', r.promotion, '', 0, 1
    FROM redemption r
    WHERE r.tenant_id = %(tenant_id)s AND r.given_back_at IS NULL
    UNION ALL
    SELECT 'units', r.promotion, '', 0, r.units
    FROM redemption r
    WHERE r.tenant_id = %(tenant_id)s AND r.given_back_at IS NULL
    UNION ALL
    SELECT 'promotion_customer', r.promotion, r.customer_id::text, 0, 1
    FROM redemption r
    WHERE r.tenant_id = %(tenant_id)s AND r.given_back_at IS NULL AND r.customer_id IS NOT NULL
    UNION ALL
    SELECT 'coupon', r.coupon_id::text, '', 0, 1
    FROM redemption r
    WHERE r.tenant_id = %(tenant_id)s AND r.given_back_at IS NULL AND r.coupon_id IS NOT NULL
    UNION ALL
    SELECT 'coupon_customer', r.coupon_id::text, r.customer_id::text, 0, 1
    FROM redemption r
    WHERE r.tenant_id = %(tenant_id)s AND r.given_back_at IS NULL AND r.coupon_id IS NOT NULL
        AND r.customer_id IS NOT NULL
    UNION ALL
    SELECT 'batch', k.batch_id::text, '', 0, 1
    FROM redemption r
    JOIN coupon k ON k.tenant_id = r.tenant_id AND k.coupon_id = r.coupon_id
    WHERE r.tenant_id = %(tenant_id)s AND r.given_back_at IS NULL
) AS c
GROUP BY c.scope, c.subject, c.customer
HAVING sum(c.counted) <> sum(c.live)

-- name: i15_no_counter_is_above_its_cap
-- The cap is the one it had when it last rose: one lowered since takes nothing from anybody.
SELECT p.scope, p.subject, p.customer, p.used AS found, p.cap AS expected
FROM promotion_use p
WHERE p.tenant_id = %(tenant_id)s AND (p.used > p.cap OR p.used < 0)

-- name: i15_no_code_is_used_more_often_than_its_batch_says
SELECT r.coupon_id, r.customer_id, count(*) AS found, min(b.uses_per_customer_max) AS expected
FROM redemption r
JOIN coupon k ON k.tenant_id = r.tenant_id AND k.coupon_id = r.coupon_id
JOIN coupon_batch b ON b.tenant_id = k.tenant_id AND b.batch_id = k.batch_id
WHERE r.tenant_id = %(tenant_id)s AND r.given_back_at IS NULL
GROUP BY r.coupon_id, r.customer_id
HAVING count(*) > min(b.uses_per_customer_max)
UNION ALL
SELECT r.coupon_id, NULL, count(*), min(b.uses_max)
FROM redemption r
JOIN coupon k ON k.tenant_id = r.tenant_id AND k.coupon_id = r.coupon_id
JOIN coupon_batch b ON b.tenant_id = k.tenant_id AND b.batch_id = k.batch_id
WHERE r.tenant_id = %(tenant_id)s AND r.given_back_at IS NULL
GROUP BY r.coupon_id
HAVING count(*) > min(b.uses_max)

-- name: i16_every_use_of_a_promotion_has_its_event
-- One for the use, and one more where it was given back.
SELECT c.redemption_id, sum(c.facts) AS found, sum(c.told) AS expected
FROM (
    SELECT r.redemption_id, CASE WHEN r.given_back_at IS NULL THEN 1 ELSE 2 END AS facts, 0 AS told
    FROM redemption r
    WHERE r.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT e.subject_id, 0, 1
    FROM event_log e
    WHERE e.tenant_id = %(tenant_id)s AND e.kind IN ('pricing.promotion_redeemed', 'pricing.redemption_given_back')
) AS c
GROUP BY c.redemption_id
HAVING sum(c.facts) <> sum(c.told)

-- name: i16_every_edit_of_a_batch_has_its_event
-- Its first version is told by its creation.
SELECT c.batch_id, sum(c.versions) AS found, sum(c.told) AS expected
FROM (
    SELECT b.batch_id, b.version AS versions, 0 AS told
    FROM coupon_batch b
    WHERE b.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT e.subject_id, 0, 1
    FROM event_log e
    WHERE e.tenant_id = %(tenant_id)s
        AND e.kind IN ('pricing.coupon_batch_created', 'pricing.coupon_batch_changed')
) AS c
GROUP BY c.batch_id
HAVING sum(c.versions) <> sum(c.told)

-- name: i16_every_code_is_told_by_its_batch
SELECT c.batch_id, sum(c.made) AS found, sum(c.told) AS expected
FROM (
    SELECT b.batch_id, b.made, 0 AS told
    FROM coupon_batch b
    WHERE b.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT e.subject_id, 0, (e.data ->> 'added')::bigint
    FROM event_log e
    WHERE e.tenant_id = %(tenant_id)s AND e.kind = 'pricing.coupons_added'
) AS c
GROUP BY c.batch_id
HAVING sum(c.made) <> sum(c.told)

-- name: i18_coupons_and_redemptions_belong_to_things_of_the_same_merchant
SELECT 'coupon' AS what, k.coupon_id AS id
FROM coupon k
LEFT JOIN coupon_batch b ON b.tenant_id = k.tenant_id AND b.batch_id = k.batch_id
WHERE k.tenant_id = %(tenant_id)s AND b.batch_id IS NULL
UNION ALL
SELECT 'customer of coupons for everybody', n.batch_id
FROM coupon_customer n
LEFT JOIN coupon_batch b ON b.tenant_id = n.tenant_id AND b.batch_id = n.batch_id AND b.is_personal
WHERE n.tenant_id = %(tenant_id)s AND b.batch_id IS NULL
UNION ALL
SELECT 'redemption of a coupon', r.redemption_id
FROM redemption r
LEFT JOIN coupon k ON k.tenant_id = r.tenant_id AND k.coupon_id = r.coupon_id
WHERE r.tenant_id = %(tenant_id)s AND r.coupon_id IS NOT NULL AND k.coupon_id IS NULL
UNION ALL
SELECT 'redemption by a customer', r.redemption_id
FROM redemption r
LEFT JOIN customer c ON c.tenant_id = r.tenant_id AND c.customer_id = r.customer_id
WHERE r.tenant_id = %(tenant_id)s AND r.customer_id IS NOT NULL AND c.customer_id IS NULL
