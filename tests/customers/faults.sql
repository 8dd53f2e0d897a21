-- What breaks each invariant, by the name of its check in verify.sql.

-- name: i05_who_was_merged_has_one_standing_merge
UPDATE customer_merge SET undone_at = merged_at WHERE tenant_id = %(tenant)s

-- name: i05_who_is_resolved_to_was_not_merged
UPDATE customer SET merged_into = %(third)s WHERE tenant_id = %(tenant)s AND customer_id = %(first)s

-- name: i16_every_edit_of_a_customer_has_its_event
UPDATE customer SET version = version + 1 WHERE tenant_id = %(tenant)s AND customer_id = %(first)s
