-- What breaks each invariant, by the name of its check in verify.sql; `check__way` where there are several ways.

-- name: i05_somebody_can_own_the_merchant
UPDATE staff SET is_active = false WHERE tenant_id = %(tenant)s AND staff_id = %(owner)s

-- name: i05_nobody_deactivated_is_signed_in
UPDATE staff SET is_active = false WHERE tenant_id = %(tenant)s AND staff_id = %(sales)s

-- name: i05_recovery_codes_need_a_second_step
INSERT INTO recovery_code (tenant_id, staff_id, code_hash)
SELECT tenant_id, staff_id, decode('00', 'hex') FROM staff WHERE tenant_id = %(tenant)s LIMIT 1

-- name: i16_every_edit_of_the_settings_has_its_event
UPDATE merchant SET version = version + 1 WHERE tenant_id = %(tenant)s

-- name: i16_every_edit_of_a_role_has_its_event
UPDATE role SET version = version + 1 WHERE tenant_id = %(tenant)s AND code = 'sales'

-- name: i16_every_edit_of_a_passkey_has_its_event
INSERT INTO passkey (tenant_id, passkey_id, staff_id, credential_id, public_key, uses, name, is_synced, version, created_at)
SELECT tenant_id, staff_id, staff_id, decode('00', 'hex'), decode('00', 'hex'), 0, 'Phone', false, 2, created_at
FROM staff WHERE tenant_id = %(tenant)s AND staff_id = %(sales)s

-- name: i16_every_api_key_has_its_events
UPDATE api_key SET revoked_at = created_at WHERE tenant_id = %(tenant)s

-- name: i18_the_merchant_stands_in_the_directory
UPDATE directory SET slug = slug || '-stray' WHERE tenant_id = %(tenant)s

-- name: i18_staff_and_credentials_belong_to_the_same_merchant
UPDATE staff SET tenant_id = %(other)s WHERE tenant_id = %(tenant)s AND staff_id = %(sales)s

-- name: i16_every_edit_of_a_person_has_its_event
UPDATE staff SET version = version + 1 WHERE tenant_id = %(tenant)s AND staff_id = %(sales)s
