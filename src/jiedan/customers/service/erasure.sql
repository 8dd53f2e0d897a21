-- What is written when a customer is to be forgotten.

-- name: customers_to_close
-- Whoever places an order for one of them holds its row until the order is there, or waits here and finds it closed.
SELECT c.customer_id FROM customer c
WHERE c.tenant_id = %(tenant_id)s
    AND (c.customer_id = %(customer_id)s OR c.merged_into = %(customer_id)s)
ORDER BY c.customer_id
FOR NO KEY UPDATE

-- name: close_customers
UPDATE customer SET erasing_since = %(at)s
WHERE tenant_id = %(tenant_id)s AND customer_id = ANY(%(customer_ids)s::uuid[]) AND erasing_since IS NULL

-- name: addresses_of
-- Where they were written to: what links were mailed to that belong to no account yet.
SELECT c.email FROM customer c
WHERE c.tenant_id = %(tenant_id)s AND c.customer_id = ANY(%(customer_ids)s::uuid[]) AND c.email <> ''
UNION
SELECT k.value FROM customer_contact k
WHERE k.tenant_id = %(tenant_id)s AND k.customer_id = ANY(%(customer_ids)s::uuid[]) AND k.kind = 'email'
UNION
SELECT a.email FROM customer_account a
WHERE a.tenant_id = %(tenant_id)s AND a.customer_id = ANY(%(customer_ids)s::uuid[])

-- name: accounts_to_delete
-- Whoever comes in by a link locks the account first, and then the link.
SELECT a.customer_id FROM customer_account a
WHERE a.tenant_id = %(tenant_id)s AND a.customer_id = ANY(%(customer_ids)s::uuid[])
ORDER BY a.customer_id
FOR NO KEY UPDATE

-- name: delete_links
DELETE FROM customer_link
WHERE tenant_id = %(tenant_id)s
    AND (customer_id = ANY(%(customer_ids)s::uuid[]) OR email_key = ANY(%(email_keys)s::text[]))

-- name: delete_sessions
DELETE FROM customer_session WHERE tenant_id = %(tenant_id)s AND customer_id = ANY(%(customer_ids)s::uuid[])

-- name: delete_accounts
DELETE FROM customer_account WHERE tenant_id = %(tenant_id)s AND customer_id = ANY(%(customer_ids)s::uuid[])

-- name: delete_notes
DELETE FROM customer_note WHERE tenant_id = %(tenant_id)s AND customer_id = ANY(%(customer_ids)s::uuid[])
RETURNING note_id

-- name: delete_books
DELETE FROM customer_address WHERE tenant_id = %(tenant_id)s AND customer_id = ANY(%(customer_ids)s::uuid[])
RETURNING address_id

-- name: delete_contacts
DELETE FROM customer_contact WHERE tenant_id = %(tenant_id)s AND customer_id = ANY(%(customer_ids)s::uuid[])

-- name: delete_all_tags
DELETE FROM customer_tag WHERE tenant_id = %(tenant_id)s AND customer_id = ANY(%(customer_ids)s::uuid[])

-- name: delete_certificates
DELETE FROM customer_tax_certificate
WHERE tenant_id = %(tenant_id)s AND customer_id = ANY(%(customer_ids)s::uuid[])

-- name: delete_exemptions
DELETE FROM customer_tax_exemption
WHERE tenant_id = %(tenant_id)s AND customer_id = ANY(%(customer_ids)s::uuid[])

-- name: delete_memberships
DELETE FROM customer_group_member WHERE tenant_id = %(tenant_id)s AND customer_id = ANY(%(customer_ids)s::uuid[])

-- name: erase_sources
-- That a consent was given, and when, is kept as proof; where it was said, in words, is not.
UPDATE customer_consent SET source = ''
WHERE tenant_id = %(tenant_id)s AND customer_id = ANY(%(customer_ids)s::uuid[]) AND source <> ''
RETURNING consent_id

-- name: erase_customers
UPDATE customer
SET name = '', phone = '', email = '', tax_number = '', external_id = NULL, locale = '', erased_at = %(at)s,
    updated_at = %(at)s
WHERE tenant_id = %(tenant_id)s AND customer_id = ANY(%(customer_ids)s::uuid[]) AND erased_at IS NULL
RETURNING customer_id
