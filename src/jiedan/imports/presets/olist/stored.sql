-- What Jiedan holds of an imported set, counted from facts and cases alone. `docs/reference/olist.md` says what is
-- counted how. Each statement returns one row, its columns are the totals of the report.

-- name: orders
SELECT
    count(*) AS orders,
    count(*) FILTER (WHERE (x.is_delivered AND NOT x.is_canceled_yet_delivered) OR x.is_unconfirmed) AS delivered,
    count(*) FILTER (
        WHERE (x.is_shipped AND NOT x.is_delivered AND NOT x.is_canceled_on_its_way AND NOT x.is_unconfirmed)
            OR (x.is_told_handed_over AND NOT x.is_told_canceled)
    ) AS shipped,
    count(*) FILTER (WHERE x.is_canceled OR x.is_canceled_on_its_way OR x.is_canceled_yet_delivered) AS canceled,
    count(*) FILTER (WHERE x.is_unavailable) AS unavailable,
    count(*) FILTER (WHERE x.waits AND x.captured_minor > 0) AS paid_and_open,
    count(*) FILTER (WHERE x.waits AND x.captured_minor = 0) AS unpaid_and_open,
    count(*) FILTER (WHERE x.goods > 0) AS orders_with_items,
    coalesce(sum(x.goods), 0)::bigint AS items,
    coalesce(sum(x.price_minor), 0)::bigint AS price,
    coalesce(sum(x.freight_minor), 0)::bigint AS freight,
    count(x.customer_id) AS customers,
    count(DISTINCT x.customer_id) AS people,
    count(*) FILTER (WHERE x.is_missing) AS without_items,
    count(*) FILTER (WHERE x.places > 1) AS split_over_sellers,
    count(*) FILTER (WHERE x.is_unconfirmed) AS delivered_without_date,
    count(*) FILTER (WHERE x.is_canceled_yet_delivered) AS canceled_yet_delivered,
    count(*) FILTER (WHERE x.is_canceled_on_its_way) AS canceled_after_hand_over
FROM (
    SELECT
        o.order_id, o.customer_id, o.captured_minor, l.goods, l.price_minor, l.freight_minor, l.places,
        o.lifecycle = 'canceled' AS is_canceled,
        coalesce(l.goods > 0 AND l.shipped = l.goods, false) AS is_shipped,
        coalesce(l.goods > 0 AND l.delivered = l.goods, false) AS is_delivered,
        coalesce(c.is_canceled_yet_delivered, false) AS is_canceled_yet_delivered,
        coalesce(c.is_canceled_on_its_way, false) AS is_canceled_on_its_way,
        coalesce(c.is_unconfirmed, false) AS is_unconfirmed,
        coalesce(c.is_unavailable, false) AS is_unavailable,
        coalesce(c.is_missing, false) AS is_missing,
        coalesce(c.is_told_handed_over, false) AS is_told_handed_over,
        o.lifecycle = 'canceled' AS is_told_canceled,
        o.lifecycle = 'open' AND coalesce(l.shipped, 0) = 0 AND NOT coalesce(
            c.is_unavailable OR c.is_unconfirmed OR c.is_told_handed_over, false
        ) AS waits
    FROM orders o
    LEFT JOIN (
        SELECT
            i.order_id,
            sum(i.ordered) FILTER (WHERE i.kind = 'goods') AS goods,
            sum(i.shipped) FILTER (WHERE i.kind = 'goods') AS shipped,
            sum(i.delivered) FILTER (WHERE i.kind = 'goods') AS delivered,
            sum(i.total_minor) FILTER (WHERE i.kind = 'goods') AS price_minor,
            sum(i.total_minor) FILTER (WHERE i.kind = 'fee') AS freight_minor,
            count(DISTINCT i.requested_location_id) AS places
        FROM order_line i
        WHERE i.tenant_id = %(tenant_id)s
        GROUP BY i.order_id
    ) AS l ON l.order_id = o.order_id
    LEFT JOIN (
        SELECT
            f.subject_id,
            bool_or(f.kind = 'canceled_yet_delivered') AS is_canceled_yet_delivered,
            bool_or(f.kind = 'canceled_after_hand_over') AS is_canceled_on_its_way,
            bool_or(f.kind = 'delivery_unconfirmed') AS is_unconfirmed,
            bool_or(f.kind = 'goods_unavailable') AS is_unavailable,
            bool_or(f.kind = 'lines_missing') AS is_missing,
            bool_or(f.kind = 'lines_missing' AND f.data ->> 'handed_over_on' IS NOT NULL) AS is_told_handed_over
        FROM case_file f
        WHERE f.tenant_id = %(tenant_id)s AND f.subject_kind = 'order'
        GROUP BY f.subject_id
    ) AS c ON c.subject_id = o.order_id
    WHERE o.tenant_id = %(tenant_id)s AND o.channel = %(channel)s
) AS x

-- name: payments
SELECT
    count(DISTINCT p.order_id) AS orders_with_payments,
    count(*) AS payments,
    coalesce(sum(p.amount_minor), 0)::bigint AS paid,
    count(*) FILTER (WHERE p.method = 'boleto') AS boleto,
    count(*) FILTER (WHERE p.method = 'card') AS card,
    count(*) FILTER (WHERE p.method = 'debit_card') AS debit_card,
    count(*) FILTER (WHERE p.method = 'other') AS other,
    count(*) FILTER (WHERE p.method = 'voucher') AS voucher,
    count(*) FILTER (WHERE p.amount_minor = 0) AS payments_of_nothing
FROM payment p
JOIN orders o ON o.tenant_id = p.tenant_id AND o.order_id = p.order_id
WHERE p.tenant_id = %(tenant_id)s AND o.channel = %(channel)s

-- name: money
-- Orders against what was paid for them, in one part or several.
SELECT
    count(*) FILTER (WHERE x.parts > 1) AS paid_in_several_parts,
    count(*) FILTER (WHERE x.parts > 0 AND x.ordered_minor <> x.paid_minor) AS payment_differs,
    count(*) FILTER (
        WHERE x.parts > 0 AND abs(x.ordered_minor - x.paid_minor) > 1
    ) AS payment_differs_by_more_than_a_centavo,
    count(*) FILTER (WHERE x.parts = 0 AND x.delivered > 0) AS delivered_without_payment
FROM (
    SELECT o.order_id, l.ordered_minor, l.delivered, coalesce(p.parts, 0) AS parts, p.paid_minor
    FROM orders o
    LEFT JOIN (
        SELECT i.order_id, sum(i.total_minor) AS ordered_minor, sum(i.delivered) AS delivered
        FROM order_line i
        WHERE i.tenant_id = %(tenant_id)s
        GROUP BY i.order_id
    ) AS l ON l.order_id = o.order_id
    LEFT JOIN (
        SELECT m.order_id, count(*) AS parts, sum(m.amount_minor) AS paid_minor
        FROM payment m
        WHERE m.tenant_id = %(tenant_id)s
        GROUP BY m.order_id
    ) AS p ON p.order_id = o.order_id
    WHERE o.tenant_id = %(tenant_id)s AND o.channel = %(channel)s
) AS x

-- name: ways
-- Moments that are not in the order one would expect.
SELECT
    count(*) FILTER (WHERE x.shipped_at < x.captured_at) AS handed_over_before_approval,
    count(*) FILTER (WHERE x.delivered_at < x.shipped_at) AS delivered_before_hand_over,
    count(*) FILTER (WHERE x.shipped_at < x.placed_at) AS handed_over_before_purchase
FROM (
    SELECT o.order_id, o.placed_at, g.shipped_at, g.delivered_at, e.captured_at
    FROM orders o
    JOIN (
        SELECT f.order_id, min(c.shipped_at) AS shipped_at, min(c.delivered_at) AS delivered_at
        FROM fulfillment f
        JOIN parcel c ON c.tenant_id = f.tenant_id AND c.fulfillment_id = f.fulfillment_id
        WHERE f.tenant_id = %(tenant_id)s
        GROUP BY f.order_id
    ) AS g ON g.order_id = o.order_id
    LEFT JOIN (
        SELECT p.order_id, min(n.occurred_at) AS captured_at
        FROM payment p
        JOIN payment_entry n ON n.tenant_id = p.tenant_id AND n.payment_id = p.payment_id AND n.kind = 'capture'
        WHERE p.tenant_id = %(tenant_id)s
        GROUP BY p.order_id
    ) AS e ON e.order_id = o.order_id
    WHERE o.tenant_id = %(tenant_id)s AND o.channel = %(channel)s
) AS x

-- name: products
SELECT count(*) AS products FROM product WHERE tenant_id = %(tenant_id)s AND code = ANY(%(codes)s::text[])

-- name: sellers
SELECT
    count(*) AS sellers,
    count(*) FILTER (WHERE code = ANY(%(mended_codes)s::text[]) AND lat IS NOT NULL) AS sellers_by_mended_prefix,
    count(*) FILTER (WHERE lat IS NULL) AS sellers_without_coordinate
FROM location
WHERE tenant_id = %(tenant_id)s AND code = ANY(%(codes)s::text[])

-- name: places
SELECT count(*) AS places, count(*) FILTER (WHERE prefix = ANY(%(mended)s::text[])) AS prefixes_mended
FROM postal_area
WHERE tenant_id = %(tenant_id)s AND country = %(country)s AND prefix = ANY(%(prefixes)s::text[])

-- name: addresses
-- Where the goods of each order go.
SELECT
    count(*) FILTER (
        WHERE a.postal_code = ANY(%(mended)s::text[]) AND a.lat IS NOT NULL
    ) AS customers_by_mended_prefix,
    count(*) FILTER (WHERE a.lat IS NULL) AS customers_without_coordinate
FROM orders o
JOIN order_address a ON a.tenant_id = o.tenant_id AND a.order_id = o.order_id AND a.kind = 'ship_to'
WHERE o.tenant_id = %(tenant_id)s AND o.channel = %(channel)s

-- name: translations
-- Categories under the name that the set translates theirs to.
SELECT count(*) AS translations
FROM category c
JOIN (SELECT unnest(%(codes)s::text[]) AS code, unnest(%(names)s::text[]) AS name) AS w
    ON w.code = c.code AND w.name = c.name
WHERE c.tenant_id = %(tenant_id)s
