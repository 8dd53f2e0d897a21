-- What breaks each invariant, by the name of its check in verify.sql; `check__way` where there are several ways.

-- name: i05_who_was_merged_has_one_standing_merge
UPDATE customer_merge SET undone_at = merged_at WHERE tenant_id = %(tenant)s

-- name: i05_who_is_resolved_to_was_not_merged
UPDATE customer SET merged_into = %(third)s WHERE tenant_id = %(tenant)s AND customer_id = %(first)s

-- name: i16_every_edit_of_a_customer_has_its_event
UPDATE customer SET version = version + 1 WHERE tenant_id = %(tenant)s AND customer_id = %(first)s

-- name: i05_one_address_of_a_customer_is_the_default
INSERT INTO customer_address
SELECT (x).* FROM (
    SELECT jsonb_populate_record(a, jsonb_build_object('address_id', a.customer_id)) AS x
    FROM customer_address a WHERE a.tenant_id = %(tenant)s
) AS copied

-- name: i05_who_was_merged_has_one_standing_merge__of_two
UPDATE customer_merge SET merged_id = %(third)s WHERE tenant_id = %(tenant)s

-- name: i16_every_consent_has_its_event
DELETE FROM event_log WHERE tenant_id = %(tenant)s AND kind = 'customers.consent_recorded'

-- name: i16_every_merge_has_its_events__merged
DELETE FROM event_log WHERE tenant_id = %(tenant)s AND kind = 'customers.customers_merged'

-- name: i16_every_merge_has_its_events__undone
UPDATE customer_merge SET undone_at = merged_at WHERE tenant_id = %(tenant)s

-- name: i05_who_is_in_a_group_is_there__merged
UPDATE customer SET merged_into = %(third)s WHERE tenant_id = %(tenant)s AND customer_id = %(first)s

-- name: i05_who_is_in_a_group_is_there__erased
UPDATE customer SET erasing_since = now(), erased_at = now()
WHERE tenant_id = %(tenant)s AND customer_id = %(first)s

-- name: i16_every_group_has_its_events
UPDATE customer_group SET version = version + 1 WHERE tenant_id = %(tenant)s

-- name: i16_every_membership_has_its_events__joined
DELETE FROM event_log WHERE tenant_id = %(tenant)s AND kind = 'customers.group_joined'

-- name: i16_every_membership_has_its_events__left
DELETE FROM customer_group_member WHERE tenant_id = %(tenant)s

-- name: i18_what_belongs_to_a_customer_has_one__group_member
UPDATE customer_group_member SET customer_id = %(tenant)s WHERE tenant_id = %(tenant)s AND customer_id = %(first)s

-- name: i18_who_is_in_a_group_has_the_group
UPDATE customer_group_member SET group_id = %(tenant)s WHERE tenant_id = %(tenant)s

-- name: i18_what_belongs_to_a_customer_has_one__survivor
UPDATE customer SET merged_into = %(tenant)s WHERE tenant_id = %(tenant)s AND merged_into IS NOT NULL

-- name: i18_what_belongs_to_a_customer_has_one__contact
INSERT INTO customer_contact (tenant_id, customer_id, kind, value, label)
VALUES (%(tenant)s, %(tenant)s, 'phone', '+8613800138000', '')

-- name: i18_what_belongs_to_a_customer_has_one__address
UPDATE customer_address SET customer_id = %(tenant)s WHERE tenant_id = %(tenant)s

-- name: i18_what_belongs_to_a_customer_has_one__note
UPDATE customer_note SET customer_id = %(tenant)s WHERE tenant_id = %(tenant)s

-- name: i18_what_belongs_to_a_customer_has_one__tag
INSERT INTO customer_tag (tenant_id, customer_id, tag) VALUES (%(tenant)s, %(tenant)s, 'VIP')

-- name: i18_what_belongs_to_a_customer_has_one__consent
UPDATE customer_consent SET customer_id = %(tenant)s WHERE tenant_id = %(tenant)s

-- name: i18_what_belongs_to_a_customer_has_one__term
INSERT INTO customer_term (tenant_id, term, customer_id) VALUES (%(tenant)s, 'wang', %(tenant)s)

-- name: i18_what_belongs_to_a_customer_has_one__merge
UPDATE customer_merge SET survivor_id = %(tenant)s WHERE tenant_id = %(tenant)s

-- name: i18_what_belongs_to_a_customer_has_one__merged
UPDATE customer_merge SET merged_id = merge_id WHERE tenant_id = %(tenant)s

-- name: i05_nobody_is_signed_in_by_a_disabled_account__session
UPDATE customer_account SET is_active = false WHERE tenant_id = %(tenant)s

-- name: i05_nobody_is_signed_in_by_a_disabled_account__link
INSERT INTO customer_link (
    tenant_id, link_id, purpose, email, email_key, customer_id, secret_hash, locale, created_at, expires_at
)
VALUES (%(tenant)s, %(first)s, 'sign_in', 'x@x.example', 'x@x.example', %(first)s, '\x01', '', now(), now())

-- name: i16_every_account_has_its_event
DELETE FROM event_log WHERE tenant_id = %(tenant)s AND kind = 'customers.account_opened'

-- name: i18_what_belongs_to_a_customer_has_one__account
UPDATE customer_account SET customer_id = %(tenant)s WHERE tenant_id = %(tenant)s

-- name: i18_what_belongs_to_a_customer_has_one__tax_exemption
INSERT INTO customer_tax_exemption (tenant_id, customer_id, exemption_id, kind, number, places, classes, note)
VALUES (%(tenant)s, %(tenant)s, %(first)s, 'exempt', 'EX-1', '{}', '{}', '')

-- name: i05_scans_of_certificates_are_the_bytes_that_came_in
INSERT INTO customer_tax_certificate (tenant_id, customer_id, exemption_id, media_type, document, digest, kept_at)
VALUES (%(tenant)s, %(first)s, %(first)s, 'application/pdf', '\x255044462d', sha256('\x00'), now())

-- name: i18_certificates_belong_to_tax_exemptions
INSERT INTO customer_tax_certificate (tenant_id, customer_id, exemption_id, media_type, document, digest, kept_at)
VALUES (%(tenant)s, %(first)s, %(first)s, 'application/pdf', '\x255044462d', sha256('\x255044462d'), now())
