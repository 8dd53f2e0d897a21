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
    o.from_wallets_minor, o.refunding_minor, p.authorized, p.captured, p.refunded, p.charged_back, p.processing,
    p.from_wallets, w.refunding
FROM orders o
LEFT JOIN (
    SELECT
        x.order_id,
        sum(greatest(0, x.authorized_minor - x.captured_minor - x.voided_minor)) AS authorized,
        sum(x.captured_minor + x.adjusted_minor) AS captured,
        sum(x.refunded_minor) AS refunded,
        sum(x.charged_back_minor) AS charged_back,
        sum(x.processing_count) AS processing,
        sum(x.captured_minor + x.adjusted_minor - x.refunded_minor - x.charged_back_minor)
            FILTER (WHERE x.provider = 'wallet') AS from_wallets
    FROM payment x
    WHERE x.tenant_id = %(tenant_id)s AND x.order_id IS NOT NULL
    GROUP BY x.order_id
) AS p ON p.order_id = o.order_id
LEFT JOIN (
    SELECT y.order_id, sum(u.amount_minor) AS refunding
    FROM payment_operation u
    JOIN payment y ON y.tenant_id = u.tenant_id AND y.payment_id = u.payment_id
    WHERE u.tenant_id = %(tenant_id)s AND u.kind = 'refund' AND u.state NOT IN ('succeeded', 'failed')
    GROUP BY y.order_id
) AS w ON w.order_id = o.order_id
WHERE o.tenant_id = %(tenant_id)s AND (
    o.authorized_minor <> coalesce(p.authorized, 0) OR o.captured_minor <> coalesce(p.captured, 0)
    OR o.refunded_minor <> coalesce(p.refunded, 0) OR o.charged_back_minor <> coalesce(p.charged_back, 0)
    OR o.processing_count <> coalesce(p.processing, 0) OR o.from_wallets_minor <> coalesce(p.from_wallets, 0)
    OR o.refunding_minor <> coalesce(w.refunding, 0)
)

-- name: i08_money_is_in_the_currency_of_its_order
SELECT p.payment_id, p.order_id, p.currency AS found, o.currency AS expected
FROM payment p
JOIN orders o ON o.tenant_id = p.tenant_id AND o.order_id = p.order_id
WHERE p.tenant_id = %(tenant_id)s AND p.currency <> o.currency
UNION ALL
SELECT e.payment_id, p.order_id, e.currency, p.currency
FROM payment_entry e
JOIN payment p ON p.tenant_id = e.tenant_id AND p.payment_id = e.payment_id
WHERE e.tenant_id = %(tenant_id)s AND e.currency <> p.currency

-- name: i09_no_capture_gives_back_more_than_it_took
-- What gives back names a capture of the same payment; an adjustment may name none.
SELECT r.refers_to, r.payment_id, c.amount_minor AS taken, r.given_back
FROM (
    SELECT
        x.refers_to, x.payment_id,
        sum(CASE WHEN x.kind = 'adjustment' THEN -x.amount_minor ELSE x.amount_minor END) AS given_back
    FROM payment_entry x
    WHERE x.tenant_id = %(tenant_id)s
        AND (x.kind IN ('refund', 'chargeback') OR (x.kind = 'adjustment' AND x.refers_to IS NOT NULL))
    GROUP BY x.refers_to, x.payment_id
) AS r
LEFT JOIN payment_entry c ON c.tenant_id = %(tenant_id)s AND c.entry_id = r.refers_to
    AND c.payment_id = r.payment_id AND c.kind = 'capture'
WHERE c.entry_id IS NULL OR r.given_back > c.amount_minor

-- name: i09_no_authorization_covers_more_than_it_set_aside
-- What is voided was set aside; what is captured may have come without.
SELECT u.refers_to, u.payment_id, a.amount_minor AS set_aside, u.used
FROM (
    SELECT x.refers_to, x.payment_id, sum(x.amount_minor) AS used
    FROM payment_entry x
    WHERE x.tenant_id = %(tenant_id)s AND (x.kind = 'void' OR (x.kind = 'capture' AND x.refers_to IS NOT NULL))
    GROUP BY x.refers_to, x.payment_id
) AS u
LEFT JOIN payment_entry a ON a.tenant_id = %(tenant_id)s AND a.entry_id = u.refers_to
    AND a.payment_id = u.payment_id AND a.kind = 'authorization'
WHERE a.entry_id IS NULL OR u.used > a.amount_minor

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

-- name: i10_what_wallets_paid_is_in_the_ledger_of_orders
-- By order and wallet: what was redeemed less what went back is what its tenders have kept. What was redeemed for
-- something that is no order is not looked at. Points, which are no money, have a check of their own.
SELECT c.order_id, c.wallet_id, sum(c.kept) AS found, sum(c.redeemed) AS expected
FROM (
    SELECT p.order_id, p.provider_ref AS wallet_id,
        p.captured_minor + p.adjusted_minor - p.refunded_minor - p.charged_back_minor AS kept, 0 AS redeemed
    FROM payment p
    WHERE p.tenant_id = %(tenant_id)s AND p.provider = 'wallet' AND p.method <> 'points'
    UNION ALL
    SELECT o.order_id, m.wallet_id::text, 0, -e.amount
    FROM wallet_movement m
    JOIN wallet_entry e ON e.tenant_id = m.tenant_id AND e.movement_id = m.movement_id AND e.side = 'wallet'
    JOIN orders o ON o.tenant_id = m.tenant_id AND o.order_id = m.subject_id
    WHERE m.tenant_id = %(tenant_id)s AND m.kind IN ('redemption', 'give_back') AND e.unit <> 'points'
) AS c
GROUP BY c.order_id, c.wallet_id
HAVING sum(c.kept) <> sum(c.redeemed)

-- name: i10_points_that_paid_are_in_the_ledger_of_orders
-- By order and wallet: points stand for as much as their tender took, and of them as many are back as that has given
-- back at the rate they were taken at, rounded down.
SELECT c.order_id, c.wallet_id, sum(c.captured) AS found, sum(c.worth) AS expected, sum(c.back) AS points_back
FROM (
    SELECT p.order_id, p.provider_ref AS wallet_id, p.currency, p.captured_minor AS captured,
        p.refunded_minor AS refunded, 0 AS worth, 0 AS points, 0 AS back
    FROM payment p
    WHERE p.tenant_id = %(tenant_id)s AND p.provider = 'wallet' AND p.method = 'points'
    UNION ALL
    SELECT o.order_id, m.wallet_id::text, m.worth_currency, 0, 0, coalesce(m.worth_minor, 0),
        CASE WHEN m.kind = 'redemption' THEN -e.amount ELSE 0 END,
        CASE WHEN m.kind = 'give_back' THEN e.amount ELSE 0 END
    FROM wallet_movement m
    JOIN wallet_entry e ON e.tenant_id = m.tenant_id AND e.movement_id = m.movement_id AND e.side = 'wallet'
    JOIN orders o ON o.tenant_id = m.tenant_id AND o.order_id = m.subject_id
    WHERE m.tenant_id = %(tenant_id)s AND m.kind IN ('redemption', 'give_back') AND e.unit = 'points'
) AS c
GROUP BY c.order_id, c.wallet_id
HAVING sum(c.captured) <> sum(c.worth) OR min(c.currency) <> max(c.currency)
    OR sum(c.back) <> coalesce(div(sum(c.points) * sum(c.refunded), nullif(sum(c.worth), 0)), 0)

-- name: i10_what_goes_to_a_wallet_is_there
-- Each refund to a wallet has moved as much there, under its key, at the moment it was asked for; how many points, the
-- check of those says.
SELECT o.operation_id, o.payment_id, o.amount_minor AS expected, coalesce(w.moved, 0) AS found
FROM payment_operation o
JOIN payment p ON p.tenant_id = o.tenant_id AND p.payment_id = o.payment_id
LEFT JOIN (
    SELECT m.operation_key, sum(e.amount) AS moved
    FROM wallet_movement m
    JOIN wallet_entry e ON e.tenant_id = m.tenant_id AND e.movement_id = m.movement_id AND e.side = 'wallet'
    WHERE m.tenant_id = %(tenant_id)s AND m.kind IN ('give_back', 'refund')
    GROUP BY m.operation_key
) AS w ON w.operation_key = o.key
WHERE o.tenant_id = %(tenant_id)s AND o.to_wallet
    AND (o.state <> 'succeeded' OR (p.method <> 'points' AND coalesce(w.moved, 0) <> o.amount_minor))

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

-- name: i14_a_key_asks_for_one_operation
SELECT o.key, count(*) AS found, 1 AS expected
FROM payment_operation o
WHERE o.tenant_id = %(tenant_id)s
GROUP BY o.key
HAVING count(*) > 1

-- name: i16_every_payment_has_its_event
SELECT p.payment_id, count(e.event_id) AS found, 1 AS expected
FROM payment p
LEFT JOIN event_log e ON e.tenant_id = p.tenant_id AND e.subject_id = p.payment_id
    AND e.kind = 'payments.payment_created'
WHERE p.tenant_id = %(tenant_id)s
GROUP BY p.payment_id
HAVING count(e.event_id) <> 1

-- name: i16_every_operation_has_its_events
-- Requested, where a provider is asked and not people; and failed or unknown, where it is.
SELECT o.operation_id, o.payment_id, o.state, x.kind AS expected
FROM payment_operation o
JOIN payment p ON p.tenant_id = o.tenant_id AND p.payment_id = o.payment_id
CROSS JOIN LATERAL (
    VALUES ('payments.operation_requested', p.provider NOT IN ('transfer', 'external')),
        ('payments.operation_failed', o.state = 'failed'),
        ('payments.operation_unknown', o.state = 'unknown')
) AS x (kind, is_due)
LEFT JOIN event_log e ON e.tenant_id = o.tenant_id AND e.subject_id = o.payment_id AND e.kind = x.kind
    AND e.kind IN ('payments.operation_requested', 'payments.operation_failed', 'payments.operation_unknown')
    AND (e.data ->> 'operation_id')::uuid = o.operation_id
WHERE o.tenant_id = %(tenant_id)s AND x.is_due AND e.event_id IS NULL

-- name: i16_every_entry_of_the_ledger_has_its_event
-- By payment and kind: as many events as entries, of the same sum.
SELECT c.payment_id, c.kind, sum(c.done) AS expected, sum(c.told) AS found, sum(c.amount_minor) AS untold_minor
FROM (
    SELECT x.payment_id, x.kind, 1 AS done, 0 AS told, x.amount_minor
    FROM payment_entry x
    WHERE x.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT e.subject_id, CASE e.kind
            WHEN 'payments.money_authorized' THEN 'authorization'
            WHEN 'payments.money_captured' THEN 'capture'
            WHEN 'payments.authorization_voided' THEN 'void'
            WHEN 'payments.money_refunded' THEN 'refund'
            WHEN 'payments.money_charged_back' THEN 'chargeback'
            ELSE 'adjustment'
        END, 0, 1, -(e.data ->> 'amount_minor')::bigint
    FROM event_log e
    WHERE e.tenant_id = %(tenant_id)s AND e.kind IN (
        'payments.money_authorized', 'payments.money_captured', 'payments.authorization_voided',
        'payments.money_refunded', 'payments.money_charged_back', 'payments.money_adjusted'
    )
) AS c
GROUP BY c.payment_id, c.kind
HAVING sum(c.done) <> sum(c.told) OR sum(c.amount_minor) <> 0

-- name: i16_every_change_of_a_provider_has_its_event
SELECT p.provider, p.version AS found, coalesce(e.changes, 0) AS expected
FROM payment_provider p
LEFT JOIN (
    SELECT x.data ->> 'provider' AS provider, count(*) AS changes
    FROM event_log x
    WHERE x.tenant_id = %(tenant_id)s AND x.kind = 'payments.provider_changed'
    GROUP BY x.data ->> 'provider'
) AS e ON e.provider = p.provider
WHERE p.tenant_id = %(tenant_id)s AND p.version <> coalesce(e.changes, 0)

-- name: i18_money_belongs_to_things_of_the_same_merchant
SELECT 'payment' AS what, p.payment_id AS id, p.order_id AS of
FROM payment p
LEFT JOIN orders o ON o.tenant_id = p.tenant_id AND o.order_id = p.order_id
WHERE p.tenant_id = %(tenant_id)s AND p.order_id IS NOT NULL AND o.order_id IS NULL
UNION ALL
SELECT 'payment_operation', x.operation_id, x.payment_id
FROM payment_operation x
LEFT JOIN payment p ON p.tenant_id = x.tenant_id AND p.payment_id = x.payment_id
WHERE x.tenant_id = %(tenant_id)s AND p.payment_id IS NULL
UNION ALL
SELECT 'payment_entry', e.entry_id, e.payment_id
FROM payment_entry e
LEFT JOIN payment p ON p.tenant_id = e.tenant_id AND p.payment_id = e.payment_id
WHERE e.tenant_id = %(tenant_id)s AND p.payment_id IS NULL
UNION ALL
SELECT 'payment_entry', e.entry_id, e.operation_id
FROM payment_entry e
LEFT JOIN payment_operation x ON x.tenant_id = e.tenant_id AND x.operation_id = e.operation_id
    AND x.payment_id = e.payment_id
WHERE e.tenant_id = %(tenant_id)s AND e.operation_id IS NOT NULL AND x.operation_id IS NULL
UNION ALL
SELECT 'payment_entry', e.entry_id, e.refers_to
FROM payment_entry e
LEFT JOIN payment_entry r ON r.tenant_id = e.tenant_id AND r.entry_id = e.refers_to
WHERE e.tenant_id = %(tenant_id)s AND e.refers_to IS NOT NULL AND r.entry_id IS NULL
UNION ALL
SELECT 'refund_line', l.entry_id, l.entry_id
FROM refund_line l
LEFT JOIN payment_entry e ON e.tenant_id = l.tenant_id AND e.entry_id = l.entry_id
WHERE l.tenant_id = %(tenant_id)s AND e.entry_id IS NULL

-- name: i20_no_payment_is_under_way_beyond_the_window
-- The sweeper asks for 24 hours; then it is a case, which stays open until somebody knows.
SELECT o.operation_id, o.payment_id, o.state, o.requested_at
FROM payment_operation o
LEFT JOIN case_file c ON c.tenant_id = o.tenant_id AND c.kind = 'payment_unknown' AND c.subject_id = o.payment_id
    AND c.state = 'open'
WHERE o.tenant_id = %(tenant_id)s AND o.state IN ('pending', 'unknown')
    AND o.requested_at < %(now)s::timestamptz - interval '25 hours' AND c.case_id IS NULL
