-- name: payments
SELECT payment_id, order_id, provider, method, currency, amount_minor, provider_ref, pay_url, return_url, state,
    authorized_minor, captured_minor, voided_minor, refunded_minor, charged_back_minor, adjusted_minor,
    processing_count, created_at, version, installments
FROM payment
WHERE tenant_id = %(tenant_id)s AND payment_id = ANY(%(payment_ids)s::uuid[])

-- name: payments_for_update
SELECT payment_id, order_id, provider, method, currency, amount_minor, provider_ref, pay_url, return_url, state,
    authorized_minor, captured_minor, voided_minor, refunded_minor, charged_back_minor, adjusted_minor,
    processing_count, created_at, version, installments
FROM payment
WHERE tenant_id = %(tenant_id)s AND payment_id = ANY(%(payment_ids)s::uuid[])
ORDER BY payment_id
FOR NO KEY UPDATE

-- name: payments_of_orders
SELECT payment_id, order_id, provider, method, currency, amount_minor, provider_ref, pay_url, return_url, state,
    authorized_minor, captured_minor, voided_minor, refunded_minor, charged_back_minor, adjusted_minor,
    processing_count, created_at, version, installments
FROM payment
WHERE tenant_id = %(tenant_id)s AND order_id = ANY(%(order_ids)s::uuid[])
ORDER BY order_id, payment_id

-- Payments as above, each as often as it has entries; once, with nothing beside it, where it has none.
-- name: payments_with_entries
SELECT p.payment_id, p.order_id, p.provider, p.method, p.currency, p.amount_minor, p.provider_ref, p.pay_url,
    p.return_url, p.state, p.authorized_minor, p.captured_minor, p.voided_minor, p.refunded_minor,
    p.charged_back_minor, p.adjusted_minor, p.processing_count, p.created_at, p.version, p.installments,
    e.entry_id, e.payment_id, e.kind, e.amount_minor, e.currency, e.operation_id, e.refers_to, e.provider_ref,
    e.reason, e.occurred_at, e.recorded_at
FROM payment p
LEFT JOIN payment_entry e ON e.tenant_id = p.tenant_id AND e.payment_id = p.payment_id
WHERE p.tenant_id = %(tenant_id)s AND p.order_id = %(order_id)s
ORDER BY p.payment_id, e.entry_id

-- name: kept_before
-- What of the money of orders was there before a moment, without points; of each payment never less than nothing.
SELECT x.order_id, sum(greatest(0, x.kept))::bigint
FROM (
    SELECT p.order_id, p.payment_id, sum(
        CASE
            WHEN e.kind IN ('capture', 'adjustment') THEN e.amount_minor
            WHEN e.kind IN ('refund', 'chargeback') THEN -e.amount_minor
            ELSE 0
        END
    ) AS kept
    FROM payment p
    JOIN unnest(%(order_ids)s::uuid[], %(moments)s::timestamptz[]) AS u (order_id, moment) ON u.order_id = p.order_id
    JOIN payment_entry e ON e.tenant_id = p.tenant_id AND e.payment_id = p.payment_id AND e.recorded_at < u.moment
    WHERE p.tenant_id = %(tenant_id)s AND p.order_id = ANY(%(order_ids)s::uuid[]) AND p.method <> 'points'
    GROUP BY p.order_id, p.payment_id
) AS x
GROUP BY x.order_id

-- name: operations_of
SELECT operation_id, payment_id, kind, amount_minor, key, state, provider_ref, failure, reason, refers_to,
    refund_lines, token, requested_at, settled_at, attempts, settled_by, to_wallet
FROM payment_operation
WHERE tenant_id = %(tenant_id)s AND payment_id = ANY(%(payment_ids)s::uuid[])
ORDER BY payment_id, operation_id

-- name: operations_of_orders
SELECT o.operation_id, o.payment_id, o.kind, o.amount_minor, o.key, o.state, o.provider_ref, o.failure, o.reason,
    o.refers_to, o.refund_lines, o.token, o.requested_at, o.settled_at, o.attempts, o.settled_by, o.to_wallet
FROM payment p
JOIN payment_operation o ON o.tenant_id = p.tenant_id AND o.payment_id = p.payment_id
WHERE p.tenant_id = %(tenant_id)s AND p.order_id = ANY(%(order_ids)s::uuid[])
ORDER BY o.payment_id, o.operation_id

-- name: operations_by_key
SELECT operation_id, payment_id, kind, amount_minor, key, state, provider_ref, failure, reason, refers_to,
    refund_lines, token, requested_at, settled_at, attempts, settled_by, to_wallet
FROM payment_operation
WHERE tenant_id = %(tenant_id)s AND key = ANY(%(keys)s::text[])

-- name: operations_due
SELECT operation_id, payment_id, kind, amount_minor, key, state, provider_ref, failure, reason, refers_to,
    refund_lines, token, requested_at, settled_at, attempts, settled_by, to_wallet
FROM payment_operation
WHERE tenant_id = %(tenant_id)s AND state IN ('pending', 'action_needed', 'unknown') AND check_at <= %(at)s
ORDER BY check_at, operation_id
LIMIT %(limit)s
FOR NO KEY UPDATE SKIP LOCKED

-- name: payments_of_operations
SELECT operation_id, payment_id FROM payment_operation
WHERE tenant_id = %(tenant_id)s AND operation_id = ANY(%(operation_ids)s::uuid[])

-- name: orders_of_payments
SELECT payment_id, order_id FROM payment
WHERE tenant_id = %(tenant_id)s AND payment_id = ANY(%(payment_ids)s::uuid[])

-- name: entries_of
SELECT entry_id, payment_id, kind, amount_minor, currency, operation_id, refers_to, provider_ref, reason,
    occurred_at, recorded_at
FROM payment_entry
WHERE tenant_id = %(tenant_id)s AND payment_id = ANY(%(payment_ids)s::uuid[])
ORDER BY payment_id, entry_id

-- name: refund_lines_of
SELECT e.payment_id, l.entry_id, l.line, l.quantity, l.amount_minor
FROM payment_entry e
JOIN refund_line l ON l.tenant_id = e.tenant_id AND l.entry_id = e.entry_id
WHERE e.tenant_id = %(tenant_id)s AND e.payment_id = ANY(%(payment_ids)s::uuid[])
ORDER BY e.payment_id, l.entry_id, l.line

-- name: providers
SELECT provider, is_active, settings, sealed, version
FROM payment_provider
WHERE tenant_id = %(tenant_id)s
ORDER BY provider

-- name: unhandled_messages
SELECT provider, external_id, headers, body
FROM payment_inbox
WHERE tenant_id = %(tenant_id)s AND handled_at IS NULL AND received_at <= %(before)s
ORDER BY received_at, provider, external_id
LIMIT %(limit)s
