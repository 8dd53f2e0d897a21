-- What is written of payments when their customer is forgotten. Amounts, dates and the provider's references stay.

-- name: erase_payments
UPDATE payment SET pay_url = '', return_url = ''
WHERE tenant_id = %(tenant_id)s AND order_id = ANY(%(order_ids)s::uuid[])
RETURNING payment_id

-- name: erase_operations
UPDATE payment_operation SET reason = '', token = ''
WHERE tenant_id = %(tenant_id)s AND payment_id = ANY(%(payment_ids)s::uuid[])

-- name: erase_entries
UPDATE payment_entry SET reason = ''
WHERE tenant_id = %(tenant_id)s AND payment_id = ANY(%(payment_ids)s::uuid[]) AND reason <> ''

-- name: erase_messages
-- What providers said was understood, and is kept as facts; who pays stands in their words.
UPDATE payment_inbox SET headers = '{}'::jsonb, body = ''::bytea
WHERE tenant_id = %(tenant_id)s AND handled_at IS NOT NULL AND octet_length(body) > 0
