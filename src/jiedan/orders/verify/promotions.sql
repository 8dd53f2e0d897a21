-- What must hold of the rules that priced orders, and of promotions they use. Each statement only reads, and returns
-- the rows of one merchant that break it; the number in its name is that of the invariant. Parameters: tenant_id, and
-- now where time matters.

-- name: i05_ended_orders_use_no_promotion
-- What an order uses of limits and codes is given back where it is canceled or expires.
SELECT o.order_id, o.number, o.lifecycle, r.promotion AS found
FROM redemption r
JOIN orders o ON o.tenant_id = r.tenant_id AND o.order_id = r.order_id
WHERE r.tenant_id = %(tenant_id)s AND r.given_back_at IS NULL AND o.lifecycle = 'canceled'

-- name: i18_orders_are_priced_by_a_book_that_is_kept
-- Versions of before there were books are not kept.
SELECT o.order_id, o.number, o.price_rules_version AS found
FROM orders o
CROSS JOIN (SELECT min(b.version) AS version FROM price_book b WHERE b.tenant_id = %(tenant_id)s) AS oldest
LEFT JOIN price_book b ON b.tenant_id = o.tenant_id AND b.version = o.price_rules_version
WHERE o.tenant_id = %(tenant_id)s AND o.price_rules_version >= oldest.version AND b.version IS NULL

-- name: i18_uses_of_promotions_are_of_the_book_that_priced_the_order
SELECT o.order_id, o.number, r.promotion AS found
FROM redemption r
JOIN orders o ON o.tenant_id = r.tenant_id AND o.order_id = r.order_id
LEFT JOIN (
    SELECT b.version, p ->> 'id' AS promotion
    FROM price_book b CROSS JOIN LATERAL jsonb_array_elements(b.document -> 'promotions') AS p
    WHERE b.tenant_id = %(tenant_id)s
) AS known ON known.version = o.price_rules_version AND known.promotion = r.promotion
WHERE r.tenant_id = %(tenant_id)s AND known.version IS NULL

-- name: i18_formulas_of_lines_are_in_the_book_that_priced_the_order
-- Each formula of a version is looked for once, however many lines name it. Lines that are older than what is kept name
-- none, nor does what was sold elsewhere.
SELECT u.version, u.formula AS found, u.number, u.lines
FROM (
    SELECT o.price_rules_version AS version, l.formula, min(o.number) AS number, count(*) AS lines
    FROM order_line l
    JOIN orders o ON o.tenant_id = l.tenant_id AND o.order_id = l.order_id
    WHERE l.tenant_id = %(tenant_id)s AND l.formula IS NOT NULL
    GROUP BY o.price_rules_version, l.formula
) AS u
WHERE NOT EXISTS (
    SELECT 1
    FROM price_book b CROSS JOIN LATERAL jsonb_array_elements(b.document -> 'formulas') AS f
    WHERE b.tenant_id = %(tenant_id)s AND b.version = u.version AND f ->> 'code' = u.formula
)
