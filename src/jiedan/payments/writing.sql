-- name: insert_payments
INSERT INTO payment (
    tenant_id, payment_id, order_id, provider, method, currency, amount_minor, provider_ref, pay_url, return_url, state,
    authorized_minor, captured_minor, voided_minor, refunded_minor, charged_back_minor, adjusted_minor,
    processing_count, created_at, actor_kind, actor_id, version, installments
)
SELECT t.tenant_id, u.payment_id, u.order_id, u.provider, u.method, u.currency, u.amount_minor, u.provider_ref, '',
    u.return_url, u.state, u.authorized, u.captured, u.voided, u.refunded, u.charged_back, u.adjusted,
    0, %(at)s, %(actor_kind)s, %(actor_id)s, 1, u.installments
FROM tenant t CROSS JOIN unnest(
    %(payment_ids)s::uuid[], %(order_ids)s::uuid[], %(providers)s::text[], %(methods)s::text[], %(currencies)s::text[],
    %(amounts_minor)s::bigint[], %(provider_refs)s::text[], %(return_urls)s::text[], %(states)s::text[],
    %(authorized)s::bigint[], %(captured)s::bigint[], %(voided)s::bigint[], %(refunded)s::bigint[],
    %(charged_back)s::bigint[], %(adjusted)s::bigint[], %(installments)s::bigint[]
) AS u (
    payment_id, order_id, provider, method, currency, amount_minor, provider_ref, return_url, state,
    authorized, captured, voided, refunded, charged_back, adjusted, installments
)
WHERE t.tenant_id = %(tenant_id)s

-- name: insert_operations
INSERT INTO payment_operation (
    tenant_id, operation_id, payment_id, kind, amount_minor, key, state, provider_ref, failure, reason, refers_to,
    refund_lines, token, requested_at, requested_by, check_at, attempts, to_wallet
)
SELECT t.tenant_id, u.operation_id, u.payment_id, u.kind, u.amount_minor, u.key, 'pending', u.provider_ref, '',
    u.reason, u.refers_to, u.refund_lines::jsonb, u.token, %(at)s, %(by)s, %(check_at)s, 0, u.to_wallet
FROM tenant t CROSS JOIN unnest(
    %(operation_ids)s::uuid[], %(payment_ids)s::uuid[], %(kinds)s::text[], %(amounts_minor)s::bigint[],
    %(keys)s::text[], %(provider_refs)s::text[], %(reasons)s::text[], %(refers_to)s::uuid[], %(refund_lines)s::text[],
    %(tokens)s::text[], %(to_wallet)s::boolean[]
) AS u (
    operation_id, payment_id, kind, amount_minor, key, provider_ref, reason, refers_to, refund_lines, token, to_wallet
)
WHERE t.tenant_id = %(tenant_id)s

-- name: settle_operations
-- A token is needed to ask again under the same key, and not any more once the answer is known.
UPDATE payment_operation o
SET state = u.state, provider_ref = u.provider_ref, failure = u.failure, check_at = u.check_at,
    settled_at = u.settled_at, settled_by = u.settled_by, attempts = u.attempts,
    token = CASE WHEN u.settled_at IS NULL THEN o.token ELSE '' END
FROM unnest(
    %(operation_ids)s::uuid[], %(states)s::text[], %(provider_refs)s::text[], %(failures)s::text[],
    %(check_at)s::timestamptz[], %(settled_at)s::timestamptz[], %(settled_by)s::text[], %(attempts)s::bigint[]
) AS u (operation_id, state, provider_ref, failure, check_at, settled_at, settled_by, attempts)
WHERE o.tenant_id = %(tenant_id)s AND o.operation_id = u.operation_id

-- name: postpone_operations
UPDATE payment_operation o SET check_at = u.check_at, attempts = o.attempts + 1
FROM unnest(%(operation_ids)s::uuid[], %(check_at)s::timestamptz[]) AS u (operation_id, check_at)
WHERE o.tenant_id = %(tenant_id)s AND o.operation_id = u.operation_id

-- name: insert_entries
INSERT INTO payment_entry (
    tenant_id, entry_id, payment_id, kind, amount_minor, currency, operation_id, refers_to, provider_ref, reason,
    occurred_at, recorded_at
)
SELECT t.tenant_id, u.entry_id, u.payment_id, u.kind, u.amount_minor, u.currency, u.operation_id, u.refers_to,
    u.provider_ref, u.reason, u.occurred_at, u.recorded_at
FROM tenant t CROSS JOIN unnest(
    %(entry_ids)s::uuid[], %(payment_ids)s::uuid[], %(kinds)s::text[], %(amounts_minor)s::bigint[],
    %(currencies)s::text[], %(operation_ids)s::uuid[], %(refers_to)s::uuid[], %(provider_refs)s::text[],
    %(reasons)s::text[], %(occurred_at)s::timestamptz[], %(recorded_at)s::timestamptz[]
) AS u (
    entry_id, payment_id, kind, amount_minor, currency, operation_id, refers_to, provider_ref, reason, occurred_at,
    recorded_at
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
SET order_id = u.order_id, state = u.state, authorized_minor = u.authorized, captured_minor = u.captured,
    voided_minor = u.voided, refunded_minor = u.refunded, charged_back_minor = u.charged_back,
    adjusted_minor = u.adjusted, processing_count = u.processing_count, provider_ref = u.provider_ref,
    pay_url = u.pay_url, version = p.version + 1
FROM unnest(
    %(payment_ids)s::uuid[], %(order_ids)s::uuid[], %(states)s::text[], %(authorized)s::bigint[],
    %(captured)s::bigint[], %(voided)s::bigint[], %(refunded)s::bigint[], %(charged_back)s::bigint[],
    %(adjusted)s::bigint[], %(processing_counts)s::bigint[], %(provider_refs)s::text[], %(pay_urls)s::text[]
) AS u (
    payment_id, order_id, state, authorized, captured, voided, refunded, charged_back, adjusted, processing_count,
    provider_ref, pay_url
)
WHERE p.tenant_id = %(tenant_id)s AND p.payment_id = u.payment_id

-- name: save_provider
INSERT INTO payment_provider AS p (tenant_id, provider, is_active, settings, sealed, created_at, version)
VALUES (%(tenant_id)s, %(provider)s, %(is_active)s, %(settings)s::jsonb, %(sealed)s, %(at)s, 1)
ON CONFLICT (tenant_id, provider) DO UPDATE
SET is_active = excluded.is_active, settings = excluded.settings, sealed = excluded.sealed, version = p.version + 1
WHERE p.tenant_id = %(tenant_id)s AND p.version = %(expected)s::bigint
RETURNING version

-- name: store_message
INSERT INTO payment_inbox AS m (tenant_id, provider, external_id, headers, body, received_at, outcome)
VALUES (%(tenant_id)s, %(provider)s, %(external_id)s, %(headers)s::jsonb, %(body)s, %(at)s, '')
ON CONFLICT (tenant_id, provider, external_id) DO UPDATE SET outcome = m.outcome
WHERE m.tenant_id = %(tenant_id)s
RETURNING handled_at IS NOT NULL AS is_handled

-- name: handle_messages
UPDATE payment_inbox m SET handled_at = %(at)s, outcome = u.outcome
FROM unnest(%(providers)s::text[], %(external_ids)s::text[], %(outcomes)s::text[]) AS u (provider, external_id, outcome)
WHERE m.tenant_id = %(tenant_id)s AND m.provider = u.provider AND m.external_id = u.external_id
