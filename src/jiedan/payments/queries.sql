-- name: payments
SELECT payment_id, order_id, provider, method, currency, amount_minor, provider_ref, pay_url,
    authorized_minor, captured_minor, voided_minor, refunded_minor, charged_back_minor, adjusted_minor,
    processing_count, created_at, version
FROM payment
WHERE tenant_id = %(tenant_id)s AND payment_id = ANY(%(payment_ids)s::uuid[])

-- name: payments_for_update
SELECT payment_id, order_id, provider, method, currency, amount_minor, provider_ref, pay_url,
    authorized_minor, captured_minor, voided_minor, refunded_minor, charged_back_minor, adjusted_minor,
    processing_count, created_at, version
FROM payment
WHERE tenant_id = %(tenant_id)s AND payment_id = ANY(%(payment_ids)s::uuid[])
ORDER BY payment_id
FOR NO KEY UPDATE

-- name: payments_of_orders
SELECT payment_id, order_id, provider, method, currency, amount_minor, provider_ref, pay_url,
    authorized_minor, captured_minor, voided_minor, refunded_minor, charged_back_minor, adjusted_minor,
    processing_count, created_at, version
FROM payment
WHERE tenant_id = %(tenant_id)s AND order_id = ANY(%(order_ids)s::uuid[])
ORDER BY order_id, payment_id

-- name: operations_of
SELECT operation_id, payment_id, kind, amount_minor, key, state, provider_ref, failure, reason, refers_to,
    refund_lines, requested_at, settled_at, attempts
FROM payment_operation
WHERE tenant_id = %(tenant_id)s AND payment_id = ANY(%(payment_ids)s::uuid[])
ORDER BY payment_id, operation_id

-- name: operations_by_key
SELECT operation_id, payment_id, kind, amount_minor, key, state, provider_ref, failure, reason, refers_to,
    refund_lines, requested_at, settled_at, attempts
FROM payment_operation
WHERE tenant_id = %(tenant_id)s AND key = ANY(%(keys)s::text[])

-- name: operations_due
SELECT operation_id, payment_id, kind, amount_minor, key, state, provider_ref, failure, reason, refers_to,
    refund_lines, requested_at, settled_at, attempts
FROM payment_operation
WHERE tenant_id = %(tenant_id)s AND state IN ('pending', 'action_needed', 'unknown') AND check_at <= %(at)s
ORDER BY check_at, operation_id
LIMIT %(limit)s
FOR NO KEY UPDATE SKIP LOCKED

-- name: postpone_operations
UPDATE payment_operation o SET check_at = u.check_at, attempts = o.attempts + 1
FROM unnest(%(operation_ids)s::uuid[], %(check_at)s::timestamptz[]) AS u (operation_id, check_at)
WHERE o.tenant_id = %(tenant_id)s AND o.operation_id = u.operation_id

-- name: orders_of_payments
SELECT payment_id, order_id FROM payment
WHERE tenant_id = %(tenant_id)s AND payment_id = ANY(%(payment_ids)s::uuid[])

-- name: entries_of
SELECT entry_id, payment_id, order_id, kind, amount_minor, currency, operation_id, refers_to, provider_ref, reason,
    occurred_at, recorded_at
FROM payment_entry
WHERE tenant_id = %(tenant_id)s AND payment_id = ANY(%(payment_ids)s::uuid[])
ORDER BY payment_id, entry_id

-- name: insert_payments
INSERT INTO payment (
    tenant_id, payment_id, order_id, provider, method, currency, amount_minor, provider_ref, pay_url, return_url,
    authorized_minor, captured_minor, voided_minor, refunded_minor, charged_back_minor, adjusted_minor,
    processing_count, created_at, actor_kind, actor_id, version
)
SELECT t.tenant_id, u.payment_id, u.order_id, u.provider, u.method, u.currency, u.amount_minor, u.provider_ref, '',
    u.return_url, 0, 0, 0, 0, 0, 0, 0, u.created_at, %(actor_kind)s, %(actor_id)s, 1
FROM tenant t CROSS JOIN unnest(
    %(payment_ids)s::uuid[], %(order_ids)s::uuid[], %(providers)s::text[], %(methods)s::text[], %(currencies)s::text[],
    %(amounts_minor)s::bigint[], %(provider_refs)s::text[], %(return_urls)s::text[], %(created_at)s::timestamptz[]
) AS u (
    payment_id, order_id, provider, method, currency, amount_minor, provider_ref, return_url, created_at
)
WHERE t.tenant_id = %(tenant_id)s

-- name: insert_operations
INSERT INTO payment_operation (
    tenant_id, operation_id, payment_id, kind, amount_minor, key, state, provider_ref, failure, reason, refers_to,
    refund_lines, requested_at, requested_by, check_at, attempts
)
SELECT t.tenant_id, u.operation_id, u.payment_id, u.kind, u.amount_minor, u.key, 'pending', '', '', u.reason,
    u.refers_to, u.refund_lines::jsonb, %(at)s, %(by)s, %(check_at)s, 0
FROM tenant t CROSS JOIN unnest(
    %(operation_ids)s::uuid[], %(payment_ids)s::uuid[], %(kinds)s::text[], %(amounts_minor)s::bigint[],
    %(keys)s::text[], %(reasons)s::text[], %(refers_to)s::uuid[], %(refund_lines)s::text[]
) AS u (operation_id, payment_id, kind, amount_minor, key, reason, refers_to, refund_lines)
WHERE t.tenant_id = %(tenant_id)s

-- name: settle_operations
UPDATE payment_operation o
SET state = u.state, provider_ref = u.provider_ref, failure = u.failure, check_at = u.check_at,
    settled_at = u.settled_at, attempts = o.attempts + 1
FROM unnest(
    %(operation_ids)s::uuid[], %(states)s::text[], %(provider_refs)s::text[], %(failures)s::text[],
    %(check_at)s::timestamptz[], %(settled_at)s::timestamptz[]
) AS u (operation_id, state, provider_ref, failure, check_at, settled_at)
WHERE o.tenant_id = %(tenant_id)s AND o.operation_id = u.operation_id

-- name: insert_entries
INSERT INTO payment_entry (
    tenant_id, entry_id, payment_id, order_id, kind, amount_minor, currency, operation_id, refers_to, provider_ref,
    reason, occurred_at, recorded_at
)
SELECT t.tenant_id, u.entry_id, u.payment_id, u.order_id, u.kind, u.amount_minor, u.currency, u.operation_id,
    u.refers_to, u.provider_ref, u.reason, u.occurred_at, %(at)s
FROM tenant t CROSS JOIN unnest(
    %(entry_ids)s::uuid[], %(payment_ids)s::uuid[], %(order_ids)s::uuid[], %(kinds)s::text[],
    %(amounts_minor)s::bigint[], %(currencies)s::text[], %(operation_ids)s::uuid[], %(refers_to)s::uuid[],
    %(provider_refs)s::text[], %(reasons)s::text[], %(occurred_at)s::timestamptz[]
) AS u (
    entry_id, payment_id, order_id, kind, amount_minor, currency, operation_id, refers_to, provider_ref, reason,
    occurred_at
)
WHERE t.tenant_id = %(tenant_id)s

-- name: insert_refund_lines
INSERT INTO refund_line (tenant_id, entry_id, line, quantity, amount_minor)
SELECT t.tenant_id, u.entry_id, u.line, u.quantity, u.amount_minor
FROM tenant t CROSS JOIN unnest(
    %(entry_ids)s::uuid[], %(lines)s::bigint[], %(quantities)s::bigint[], %(amounts_minor)s::bigint[]
) AS u (entry_id, line, quantity, amount_minor)
WHERE t.tenant_id = %(tenant_id)s

-- name: update_payments
UPDATE payment p
SET authorized_minor = u.authorized, captured_minor = u.captured, voided_minor = u.voided,
    refunded_minor = u.refunded, charged_back_minor = u.charged_back, adjusted_minor = u.adjusted,
    processing_count = u.processing_count, provider_ref = u.provider_ref, pay_url = u.pay_url, version = p.version + 1
FROM unnest(
    %(payment_ids)s::uuid[], %(authorized)s::bigint[], %(captured)s::bigint[], %(voided)s::bigint[],
    %(refunded)s::bigint[], %(charged_back)s::bigint[], %(adjusted)s::bigint[], %(processing_counts)s::bigint[],
    %(provider_refs)s::text[], %(pay_urls)s::text[]
) AS u (
    payment_id, authorized, captured, voided, refunded, charged_back, adjusted, processing_count, provider_ref, pay_url
)
WHERE p.tenant_id = %(tenant_id)s AND p.payment_id = u.payment_id
