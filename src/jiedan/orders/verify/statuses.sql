-- What must hold of what orders and their lines have come to. Each statement only reads, and returns the rows of one
-- merchant that break it; the number in its name is that of the invariant. Parameters: tenant_id, and now where time
-- matters.

-- name: i04_line_count
SELECT o.order_id, o.number, o.line_count AS found, count(l.line_id) AS expected
FROM orders o
LEFT JOIN order_line l ON l.tenant_id = o.tenant_id AND l.order_id = o.order_id
WHERE o.tenant_id = %(tenant_id)s
GROUP BY o.order_id, o.number, o.line_count
HAVING o.line_count <> count(l.line_id)

-- name: i05_canceled_means_all_lines_are
SELECT o.order_id, o.number, o.lifecycle AS found, sum(l.ordered - l.canceled) AS kept
FROM orders o
JOIN order_line l ON l.tenant_id = o.tenant_id AND l.order_id = o.order_id
WHERE o.tenant_id = %(tenant_id)s
GROUP BY o.order_id, o.number, o.lifecycle
HAVING (o.lifecycle = 'canceled') <> (sum(l.ordered - l.canceled) = 0)

-- name: i05_what_is_done_is_completed
-- Every line is delivered, performed or canceled, not all are canceled, the balance is 0 and nothing of it on its way
-- back: then the order is not open any more. Staff may complete one before.
SELECT o.order_id, o.number, o.lifecycle AS found
FROM orders o
JOIN order_line l ON l.tenant_id = o.tenant_id AND l.order_id = o.order_id
    AND l.kind IN ('goods', 'component', 'service')
WHERE o.tenant_id = %(tenant_id)s AND o.lifecycle = 'open'
    AND o.captured_minor - o.refunded_minor - o.charged_back_minor = o.total_minor AND o.refunding_minor = 0
GROUP BY o.order_id, o.number, o.lifecycle
HAVING sum(l.ordered - l.canceled) > 0
    AND sum(l.ordered - l.canceled - CASE WHEN l.kind = 'service' THEN l.performed ELSE l.delivered END) = 0

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

-- name: i05_a_fee_is_of_the_method_that_ships
-- A shipping fee by rules names the method that asked it: the one that ships the order. One by hand names none.
SELECT o.order_id, o.number, l.price_reason AS found, o.shipping_method AS expected
FROM orders o
JOIN order_line l ON l.tenant_id = o.tenant_id AND l.order_id = o.order_id
WHERE o.tenant_id = %(tenant_id)s AND l.kind = 'fee' AND l.price_reason <> o.shipping_method

-- name: i07_no_more_leaves_than_was_ordered
SELECT l.order_id, l.line, l.ordered, l.canceled, l.allocated, l.shipped, l.delivered, l.returned, l.performed
FROM order_line l
WHERE l.tenant_id = %(tenant_id)s AND (
    l.allocated + l.shipped + l.performed > l.ordered - l.canceled
    OR l.delivered > l.shipped
    OR l.returned > l.shipped
    OR least(l.canceled, l.allocated, l.shipped, l.delivered, l.returned, l.performed) < 0
)
