-- What must hold of money. Each statement only reads, and returns the rows of one merchant that break it; the number
-- in its name is that of the invariant. Parameters: tenant_id, and now where time matters.

-- name: i01_sums_of_a_payment_are_those_of_its_ledger
SELECT p.payment_id, p.authorized_minor, p.captured_minor, p.voided_minor, p.refunded_minor, p.charged_back_minor,
    p.adjusted_minor, e.authorized, e.captured, e.voided, e.refunded, e.charged_back, e.adjusted
FROM payment p
LEFT JOIN (
    SELECT
        x.payment_id,
        sum(x.amount_minor) FILTER (WHERE x.kind = 'authorization') AS authorized,
        sum(x.amount_minor) FILTER (WHERE x.kind = 'capture') AS captured,
        sum(x.amount_minor) FILTER (WHERE x.kind = 'void') AS voided,
        sum(x.amount_minor) FILTER (WHERE x.kind = 'refund') AS refunded,
        sum(x.amount_minor) FILTER (WHERE x.kind = 'chargeback') AS charged_back,
        sum(x.amount_minor) FILTER (WHERE x.kind = 'adjustment') AS adjusted
    FROM payment_entry x
    WHERE x.tenant_id = %(tenant_id)s
    GROUP BY x.payment_id
) AS e ON e.payment_id = p.payment_id
WHERE p.tenant_id = %(tenant_id)s AND (
    p.authorized_minor <> coalesce(e.authorized, 0) OR p.captured_minor <> coalesce(e.captured, 0)
    OR p.voided_minor <> coalesce(e.voided, 0) OR p.refunded_minor <> coalesce(e.refunded, 0)
    OR p.charged_back_minor <> coalesce(e.charged_back, 0) OR p.adjusted_minor <> coalesce(e.adjusted, 0)
)

-- name: i01_processing_is_what_waits_for_an_answer
SELECT p.payment_id, p.processing_count AS found, coalesce(o.waiting, 0) AS expected
FROM payment p
LEFT JOIN (
    SELECT x.payment_id, count(*) AS waiting
    FROM payment_operation x
    WHERE x.tenant_id = %(tenant_id)s AND x.state IN ('pending', 'unknown')
    GROUP BY x.payment_id
) AS o ON o.payment_id = p.payment_id
WHERE p.tenant_id = %(tenant_id)s AND p.processing_count <> coalesce(o.waiting, 0)

-- name: i05_a_payments_state_is_what_its_facts_say
SELECT p.payment_id, p.state AS found
FROM payment p
LEFT JOIN (
    SELECT
        x.payment_id,
        count(*) FILTER (WHERE x.state = 'unknown') AS unknown,
        count(*) FILTER (WHERE x.state = 'pending') AS pending,
        count(*) FILTER (WHERE x.state = 'action_needed') AS action_needed,
        count(*) FILTER (WHERE x.state <> 'failed') AS alive,
        count(*) AS asked
    FROM payment_operation x
    WHERE x.tenant_id = %(tenant_id)s
    GROUP BY x.payment_id
) AS o ON o.payment_id = p.payment_id
WHERE p.tenant_id = %(tenant_id)s AND p.state <> CASE
    WHEN coalesce(o.unknown, 0) > 0 THEN 'unknown'
    WHEN coalesce(o.pending, 0) > 0 THEN 'processing'
    WHEN coalesce(o.action_needed, 0) > 0 THEN 'action_needed'
    WHEN p.captured_minor > 0 AND p.captured_minor + p.adjusted_minor - p.refunded_minor - p.charged_back_minor <= 0
        THEN 'refunded'
    WHEN p.captured_minor > 0 THEN 'captured'
    WHEN p.authorized_minor - p.captured_minor - p.voided_minor > 0 THEN 'authorized'
    WHEN p.voided_minor > 0 THEN 'voided'
    WHEN coalesce(o.asked, 0) > 0 AND o.alive = 0 THEN 'failed'
    ELSE 'open'
END

-- name: i08_an_orders_money_is_that_of_its_payments
SELECT
    o.order_id, o.authorized_minor, o.captured_minor, o.refunded_minor, o.charged_back_minor, o.processing_count,
    p.authorized, p.captured, p.refunded, p.charged_back, p.processing
FROM orders o
LEFT JOIN (
    SELECT
        x.order_id,
        sum(greatest(0, x.authorized_minor - x.captured_minor - x.voided_minor)) AS authorized,
        sum(x.captured_minor + x.adjusted_minor) AS captured,
        sum(x.refunded_minor) AS refunded,
        sum(x.charged_back_minor) AS charged_back,
        sum(x.processing_count) AS processing
    FROM payment x
    WHERE x.tenant_id = %(tenant_id)s AND x.order_id IS NOT NULL
    GROUP BY x.order_id
) AS p ON p.order_id = o.order_id
WHERE o.tenant_id = %(tenant_id)s AND (
    o.authorized_minor <> coalesce(p.authorized, 0) OR o.captured_minor <> coalesce(p.captured, 0)
    OR o.refunded_minor <> coalesce(p.refunded, 0) OR o.charged_back_minor <> coalesce(p.charged_back, 0)
    OR o.processing_count <> coalesce(p.processing, 0)
)

-- name: i09_no_capture_gives_back_more_than_it_took
SELECT c.entry_id, c.payment_id, c.amount_minor AS taken, r.given_back
FROM payment_entry c
JOIN (
    SELECT
        x.refers_to,
        sum(CASE WHEN x.kind = 'adjustment' THEN -x.amount_minor ELSE x.amount_minor END) AS given_back
    FROM payment_entry x
    WHERE x.tenant_id = %(tenant_id)s AND x.kind IN ('refund', 'chargeback', 'adjustment')
    GROUP BY x.refers_to
) AS r ON r.refers_to = c.entry_id
WHERE c.tenant_id = %(tenant_id)s AND (c.kind <> 'capture' OR r.given_back > c.amount_minor)

-- name: i09_no_authorization_covers_more_than_it_set_aside
SELECT a.entry_id, a.payment_id, a.amount_minor AS set_aside, u.used
FROM payment_entry a
JOIN (
    SELECT x.refers_to, sum(x.amount_minor) AS used
    FROM payment_entry x
    WHERE x.tenant_id = %(tenant_id)s AND x.kind IN ('capture', 'void') AND x.refers_to IS NOT NULL
    GROUP BY x.refers_to
) AS u ON u.refers_to = a.entry_id
WHERE a.tenant_id = %(tenant_id)s AND (a.kind <> 'authorization' OR u.used > a.amount_minor)

-- name: i09_the_lines_of_a_refund_add_up_to_it
SELECT e.entry_id, e.payment_id, e.amount_minor AS refunded, l.total
FROM payment_entry e
JOIN (
    SELECT x.entry_id, sum(x.amount_minor) AS total
    FROM refund_line x
    WHERE x.tenant_id = %(tenant_id)s
    GROUP BY x.entry_id
) AS l ON l.entry_id = e.entry_id
WHERE e.tenant_id = %(tenant_id)s AND (e.kind <> 'refund' OR l.total <> e.amount_minor)

-- name: i14_an_operation_moves_money_once_and_only_when_it_succeeded
SELECT o.operation_id, o.payment_id, o.state, coalesce(e.entries, 0) AS found
FROM payment_operation o
LEFT JOIN (
    SELECT x.operation_id, count(*) AS entries, sum(x.amount_minor) AS amount_minor
    FROM payment_entry x
    WHERE x.tenant_id = %(tenant_id)s AND x.operation_id IS NOT NULL
    GROUP BY x.operation_id
) AS e ON e.operation_id = o.operation_id
WHERE o.tenant_id = %(tenant_id)s AND (
    coalesce(e.entries, 0) <> CASE WHEN o.state = 'succeeded' THEN 1 ELSE 0 END
    OR (o.state = 'succeeded' AND e.amount_minor <> o.amount_minor)
)

-- name: i20_no_payment_is_under_way_beyond_the_window
-- The sweeper asks for 24 hours; then it is a case, which stays open until somebody knows.
SELECT o.operation_id, o.payment_id, o.state, o.requested_at
FROM payment_operation o
LEFT JOIN case_file c ON c.tenant_id = o.tenant_id AND c.kind = 'payment_unknown' AND c.subject_id = o.payment_id
    AND c.state = 'open'
WHERE o.tenant_id = %(tenant_id)s AND o.state IN ('pending', 'unknown')
    AND o.requested_at < %(now)s::timestamptz - interval '25 hours' AND c.case_id IS NULL
