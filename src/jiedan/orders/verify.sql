-- What must hold of orders. Each statement only reads, and returns the rows of one merchant that break it; the number
-- in its name is that of the invariant. Parameters: tenant_id, and now where time matters.

-- name: i02_numbers_are_unique
SELECT o.number, count(*) AS found, 1 AS expected
FROM orders o
WHERE o.tenant_id = %(tenant_id)s
GROUP BY o.number
HAVING count(*) > 1

-- name: i04_line_count
SELECT o.order_id, o.number, o.line_count AS found, count(l.line_id) AS expected
FROM orders o
LEFT JOIN order_line l ON l.tenant_id = o.tenant_id AND l.order_id = o.order_id
WHERE o.tenant_id = %(tenant_id)s
GROUP BY o.order_id, o.number, o.line_count
HAVING o.line_count <> count(l.line_id)

-- name: i05_canceled_orders_hold_no_stock
SELECT o.order_id, o.number, r.sku_id, r.location_id, r.quantity AS found
FROM orders o
JOIN order_line l ON l.tenant_id = o.tenant_id AND l.order_id = o.order_id
JOIN reservation r ON r.tenant_id = l.tenant_id AND r.owner_kind = 'order_line' AND r.owner_id = l.line_id
WHERE o.tenant_id = %(tenant_id)s AND o.lifecycle = 'canceled'

-- name: i05_canceled_means_all_lines_are
SELECT o.order_id, o.number, o.lifecycle AS found, sum(l.ordered - l.canceled) AS kept
FROM orders o
JOIN order_line l ON l.tenant_id = o.tenant_id AND l.order_id = o.order_id
WHERE o.tenant_id = %(tenant_id)s
GROUP BY o.order_id, o.number, o.lifecycle
HAVING (o.lifecycle = 'canceled') <> (sum(l.ordered - l.canceled) = 0)

-- name: i05_fulfillment_status_follows_the_lines
SELECT x.order_id, x.number, x.fulfillment_status AS found, x.derived AS expected
FROM (
    SELECT o.order_id, o.number, o.fulfillment_status,
        CASE
            WHEN count(l.line_id) = 0 THEN 'not_needed'
            WHEN sum(l.ordered - l.canceled) = 0 THEN 'canceled'
            WHEN sum(l.returned) >= sum(l.ordered - l.canceled) THEN 'returned'
            WHEN sum(l.returned) > 0 THEN 'partly_returned'
            WHEN sum(l.delivered + l.performed) >= sum(l.ordered - l.canceled) THEN 'delivered'
            WHEN sum(l.delivered + l.performed) > 0 THEN 'partly_delivered'
            WHEN sum(l.shipped + l.performed) >= sum(l.ordered - l.canceled) THEN 'shipped'
            WHEN sum(l.shipped + l.performed) > 0 THEN 'partly_shipped'
            WHEN sum(l.allocated) >= coalesce(sum(l.ordered - l.canceled) FILTER (WHERE l.kind <> 'service'), 0)
                THEN 'allocated'
            WHEN sum(l.allocated) > 0 THEN 'partly_allocated'
            ELSE 'waiting'
        END AS derived
    FROM orders o
    LEFT JOIN order_line l ON l.tenant_id = o.tenant_id AND l.order_id = o.order_id
        AND l.kind IN ('goods', 'component', 'service')
    WHERE o.tenant_id = %(tenant_id)s
    GROUP BY o.order_id, o.number, o.fulfillment_status
) AS x
WHERE x.fulfillment_status <> x.derived

-- name: i05_payment_status_follows_the_money
SELECT x.order_id, x.number, x.payment_status AS found, x.derived AS expected
FROM (
    SELECT o.order_id, o.number, o.payment_status,
        CASE
            WHEN o.charged_back_minor > 0 THEN 'charged_back'
            WHEN o.refunded_minor > 0 AND o.captured_minor - o.refunded_minor <= 0 THEN 'refunded'
            WHEN o.captured_minor - o.refunded_minor > o.total_minor THEN 'overpaid'
            WHEN o.captured_minor > 0 AND o.captured_minor - o.refunded_minor = o.total_minor THEN 'paid'
            WHEN o.captured_minor > 0 AND o.refunded_minor > 0 THEN 'partly_refunded'
            WHEN o.captured_minor > 0 THEN 'partly_paid'
            WHEN o.total_minor = 0 THEN 'not_due'
            WHEN o.authorized_minor >= o.total_minor THEN 'authorized'
            WHEN o.processing_count > 0 THEN 'processing'
            WHEN o.authorized_minor > 0 THEN 'partly_authorized'
            ELSE 'pending'
        END AS derived
    FROM orders o
    WHERE o.tenant_id = %(tenant_id)s
) AS x
WHERE x.payment_status <> x.derived

-- name: i06_order_total_is_the_sum_of_its_lines
SELECT o.order_id, o.number, o.total_minor AS found,
    sum(l.total_minor - l.total_minor * l.canceled / l.ordered) AS expected
FROM orders o
JOIN order_line l ON l.tenant_id = o.tenant_id AND l.order_id = o.order_id
WHERE o.tenant_id = %(tenant_id)s
GROUP BY o.order_id, o.number, o.total_minor
HAVING o.total_minor <> sum(l.total_minor - l.total_minor * l.canceled / l.ordered)

-- name: i06_line_total_adds_up
SELECT l.order_id, l.line, l.total_minor AS found,
    l.unit_minor * l.ordered - l.discount_minor + CASE WHEN l.tax_included THEN 0 ELSE l.tax_minor END AS expected
FROM order_line l
WHERE l.tenant_id = %(tenant_id)s
    AND l.total_minor
    <> l.unit_minor * l.ordered - l.discount_minor + CASE WHEN l.tax_included THEN 0 ELSE l.tax_minor END

-- name: i07_no_more_leaves_than_was_ordered
SELECT l.order_id, l.line, l.shipped, l.returned, l.ordered - l.canceled AS expected
FROM order_line l
WHERE l.tenant_id = %(tenant_id)s AND (l.shipped > l.ordered - l.canceled OR l.returned > l.shipped)

-- name: i12_allocated_is_what_the_line_holds
SELECT l.order_id, l.line, l.allocated AS found, coalesce(r.held, 0) AS expected
FROM order_line l
LEFT JOIN (
    SELECT v.owner_id, sum(v.quantity) AS held
    FROM reservation v
    WHERE v.tenant_id = %(tenant_id)s AND v.owner_kind = 'order_line'
    GROUP BY v.owner_id
) AS r ON r.owner_id = l.line_id
WHERE l.tenant_id = %(tenant_id)s AND l.allocated <> coalesce(r.held, 0)

-- name: i13_nothing_is_promised_that_is_not_there
SELECT l.sku_id, sum(l.allocated) AS found, max(coalesce(s.there, 0)) AS expected
FROM order_line l
LEFT JOIN (
    SELECT k.sku_id, sum(k.on_hand) AS there FROM stock k WHERE k.tenant_id = %(tenant_id)s GROUP BY k.sku_id
) AS s ON s.sku_id = l.sku_id
WHERE l.tenant_id = %(tenant_id)s AND l.allocated > 0
GROUP BY l.sku_id
HAVING sum(l.allocated) > max(coalesce(s.there, 0))

-- name: i14_one_order_per_external_id
SELECT o.channel, o.external_id, count(*) AS found, 1 AS expected
FROM orders o
WHERE o.tenant_id = %(tenant_id)s AND o.external_id IS NOT NULL
GROUP BY o.channel, o.external_id
HAVING count(*) > 1

-- name: i14_a_key_led_to_its_order
SELECT k.caller, k.key, k.subject_id
FROM idempotency_key k
LEFT JOIN orders o ON o.tenant_id = k.tenant_id AND o.order_id = k.subject_id
WHERE k.tenant_id = %(tenant_id)s AND k.operation = 'orders.place' AND o.order_id IS NULL

-- name: i16_every_order_has_its_events
SELECT o.order_id, o.number, x.kind AS expected
FROM orders o
CROSS JOIN LATERAL (
    VALUES ('orders.order_placed', true),
        ('orders.order_canceled', o.lifecycle = 'canceled'),
        ('orders.order_completed', o.lifecycle = 'completed')
) AS x (kind, is_due)
LEFT JOIN event_log e ON e.tenant_id = o.tenant_id AND e.subject_id = o.order_id AND e.kind = x.kind
WHERE o.tenant_id = %(tenant_id)s AND x.is_due AND e.event_id IS NULL

-- name: i18_lines_belong_to_orders
SELECT l.line_id, l.order_id
FROM order_line l
LEFT JOIN orders o ON o.tenant_id = l.tenant_id AND o.order_id = l.order_id
WHERE l.tenant_id = %(tenant_id)s AND o.order_id IS NULL

-- name: i18_reservations_belong_to_lines
SELECT r.owner_id, r.sku_id, r.location_id, r.quantity
FROM reservation r
LEFT JOIN order_line l ON l.tenant_id = r.tenant_id AND l.line_id = r.owner_id
WHERE r.tenant_id = %(tenant_id)s AND r.owner_kind = 'order_line' AND l.line_id IS NULL
