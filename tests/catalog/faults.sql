-- What breaks each invariant, by the name of its check in verify.sql.

-- name: i05_only_kits_are_made_of_parts
UPDATE product SET kind = 'goods' WHERE tenant_id = %(tenant)s AND kind = 'kit'

-- name: i16_every_edit_of_a_product_has_its_event
UPDATE product SET version = version + 1 WHERE tenant_id = %(tenant)s AND code = 'A'
