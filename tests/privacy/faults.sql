-- What breaks each invariant, by the name of its check in verify.sql; `check__way` where there are several ways.

-- name: i16_every_erasure_has_its_events__begun
DELETE FROM event_log WHERE tenant_id = %(tenant)s AND kind = 'customers.erasure_begun'

-- name: i16_every_erasure_has_its_events__erased
DELETE FROM event_log WHERE tenant_id = %(tenant)s AND kind = 'customers.customer_erased'

-- name: i20_no_erasure_waits_for_days
UPDATE erasure SET status = 'erasing', begun_at = begun_at - interval '8 days' WHERE tenant_id = %(tenant)s

-- name: i21_customers_are_closed_by_erasures__open
UPDATE customer SET erasing_since = NULL WHERE tenant_id = %(tenant)s AND customer_id = %(customer)s

-- name: i21_customers_are_closed_by_erasures__nobody_asked
DELETE FROM erasure WHERE tenant_id = %(tenant)s

-- name: i21_customers_are_closed_by_erasures__not_done
UPDATE erasure SET status = 'erasing' WHERE tenant_id = %(tenant)s

-- name: i21_nothing_is_left_of_erased_customers__name
UPDATE customer SET name = 'Wang Min' WHERE tenant_id = %(tenant)s AND customer_id = %(customer)s

-- name: i21_nothing_is_left_of_erased_customers__contact
INSERT INTO customer_contact (tenant_id, customer_id, kind, value, label)
VALUES (%(tenant)s, %(customer)s, 'phone', '+8613800138000', '')

-- name: i21_nothing_is_left_of_erased_customers__address
UPDATE customer_address SET customer_id = %(customer)s WHERE tenant_id = %(tenant)s

-- name: i21_nothing_is_left_of_erased_customers__note
UPDATE customer_note SET customer_id = %(customer)s WHERE tenant_id = %(tenant)s

-- name: i21_nothing_is_left_of_erased_customers__tag
INSERT INTO customer_tag (tenant_id, customer_id, tag) VALUES (%(tenant)s, %(customer)s, 'VIP')

-- name: i21_nothing_is_left_of_erased_customers__group
INSERT INTO customer_group_member (tenant_id, group_id, customer_id, joined_at)
VALUES (%(tenant)s, %(tenant)s, %(customer)s, now())

-- name: i21_nothing_is_left_of_erased_customers__tax_exemption
INSERT INTO customer_tax_exemption (tenant_id, customer_id, exemption_id, kind, number, places, classes, note)
VALUES (%(tenant)s, %(customer)s, %(customer)s, 'exempt', 'EX-1', '{}', '{}', '')

-- name: i21_nothing_is_left_of_erased_customers__tax_certificate
INSERT INTO customer_tax_certificate (tenant_id, customer_id, exemption_id, media_type, document, digest, kept_at)
VALUES (
    %(tenant)s, %(customer)s, %(customer)s, 'application/pdf', '\x255044462d', sha256('\x255044462d'), now()
)

-- name: i21_nothing_is_left_in_orders_of_erased_customers__vat_number
UPDATE orders SET tax = '{"status": {"vat_numbers": [{"number": "DE123456789", "country": "DE"}]}}'
WHERE tenant_id = %(tenant)s AND customer_id = %(customer)s

-- name: i21_nothing_is_left_in_orders_of_erased_customers__certificate
UPDATE orders SET tax = '{"notes": [{"code": "certificate", "reference": "EX-1"}]}'
WHERE tenant_id = %(tenant)s AND customer_id = %(customer)s

-- name: i21_nothing_is_left_of_erased_customers__consent
UPDATE customer_consent SET source = 'By phone' WHERE tenant_id = %(tenant)s AND customer_id = %(customer)s

-- name: i21_nothing_is_left_of_erased_customers__term
INSERT INTO customer_term (tenant_id, term, customer_id) VALUES (%(tenant)s, 'wang', %(customer)s)

-- name: i21_nothing_is_left_of_erased_customers__account
INSERT INTO customer_account (tenant_id, customer_id, email, email_key, is_active, created_at)
VALUES (%(tenant)s, %(customer)s, 'a@b.example', 'a@b.example', false, '2026-11-21')

-- name: i21_nothing_is_left_of_erased_customers__link
INSERT INTO customer_link (
    tenant_id, link_id, purpose, email, email_key, customer_id, locale, created_at, expires_at
)
VALUES (
    %(tenant)s, %(customer)s, 'sign_in', 'a@b.example', 'a@b.example', %(customer)s, 'en', '2026-11-21', '2026-11-22'
)

-- name: i21_nothing_is_left_of_erased_customers__cart
INSERT INTO cart (tenant_id, cart_id, customer_id, currency, version, created_at, updated_at)
VALUES (%(tenant)s, %(customer)s, %(customer)s, 'CNY', 1, '2026-11-21', '2026-11-21')

-- name: i21_nothing_is_left_in_orders_of_erased_customers__contact
UPDATE orders SET contact_phone = '+8613800138000' WHERE tenant_id = %(tenant)s AND order_id = %(order)s

-- name: i21_nothing_is_left_in_orders_of_erased_customers__address
UPDATE order_address SET lat = 31, lon = 121 WHERE tenant_id = %(tenant)s AND order_id = %(order)s

-- name: i21_nothing_is_left_in_orders_of_erased_customers__draft
INSERT INTO order_draft (
    tenant_id, draft_id, data, version, created_at, updated_at, actor_kind, actor_id, order_id
)
VALUES (%(tenant)s, %(customer)s, '{}', 1, '2026-11-21', '2026-11-21', 'staff', '', %(order)s)

-- name: i21_nothing_is_left_in_orders_of_erased_customers__look_up
INSERT INTO order_look_up (tenant_id, look_up_id, order_id, secret_hash, attempts, created_at, expires_at)
VALUES (%(tenant)s, %(customer)s, %(order)s, 'x', 0, '2026-11-21', '2026-11-22')

-- name: i21_nothing_is_left_in_orders_of_erased_customers__price
UPDATE order_line SET price_reason = 'A friend' WHERE tenant_id = %(tenant)s AND order_id = %(order)s

-- name: i21_nothing_is_left_in_orders_of_erased_customers__text
UPDATE order_line SET attributes = '[{"name": "engraving", "value": "Anna", "letters": 4}]'
WHERE tenant_id = %(tenant)s AND order_id = %(order)s

-- name: i21_nothing_is_left_in_orders_of_erased_customers__payment
UPDATE payment SET pay_url = 'https://pay.example/wang' WHERE tenant_id = %(tenant)s AND order_id = %(order)s

-- name: i21_nothing_is_left_in_orders_of_erased_customers__label
UPDATE parcel_label SET media_type = 'application/pdf' WHERE tenant_id = %(tenant)s

-- name: i21_no_words_are_left_about_erased_customers__of_order
UPDATE order_note SET text = 'Ring twice' WHERE tenant_id = %(tenant)s AND order_id = %(order)s

-- name: i21_no_words_are_left_about_erased_customers__of_case
UPDATE case_note SET text = 'Called twice' WHERE tenant_id = %(tenant)s

-- name: i21_no_words_are_left_about_erased_customers__private
INSERT INTO event_private (tenant_id, event_id, salt, data)
SELECT l.tenant_id, l.event_id, '', '{}'
FROM event_log l
WHERE l.tenant_id = %(tenant)s AND l.subject_id = %(customer)s AND l.kind = 'customers.customer_created'

-- name: i21_no_words_are_left_about_erased_customers__private_of_order
INSERT INTO event_private (tenant_id, event_id, salt, data)
SELECT l.tenant_id, l.event_id, '', '{}'
FROM event_log l
WHERE l.tenant_id = %(tenant)s AND l.subject_id = %(order)s AND l.kind = 'orders.order_placed'
