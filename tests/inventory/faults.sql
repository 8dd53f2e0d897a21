-- What breaks each invariant, by the name of its check in verify.sql.

-- name: i01_on_hand_is_the_sum_of_its_movements
UPDATE stock SET on_hand = on_hand + 1 WHERE tenant_id = %(tenant)s AND sku_id = %(sku)s AND location_id = %(location)s

-- name: i05_low_is_what_the_counters_say
UPDATE stock SET low_since = %(now)s WHERE tenant_id = %(tenant)s

-- name: i11_movements_follow_one_another
UPDATE stock_movement SET on_hand = on_hand + 1 WHERE tenant_id = %(tenant)s

-- name: i11_incoming_is_what_is_in_transit
UPDATE stock SET incoming = incoming + 1 WHERE tenant_id = %(tenant)s

-- name: i11_transfers_are_in_the_ledger
UPDATE transfer_line SET received = received + 1 WHERE tenant_id = %(tenant)s

-- name: i11_counts_are_in_the_ledger
UPDATE stock_count SET is_applied = false WHERE tenant_id = %(tenant)s

-- name: i12_reserved_is_on_hand
UPDATE stock SET reserved = on_hand + 1 WHERE tenant_id = %(tenant)s

-- name: i12_reserved_is_the_sum_of_its_reservations
UPDATE stock SET reserved = reserved - 1 WHERE tenant_id = %(tenant)s AND sku_id = %(sku)s

-- name: i12_transfers_hold_no_more_than_is_left_to_send
UPDATE transfer SET closed_at = created_at WHERE tenant_id = %(tenant)s

-- name: i14_an_operation_key_has_one_effect
UPDATE stock_movement SET operation_key = 'same' WHERE tenant_id = %(tenant)s

-- name: i18_stock_belongs_to_things_of_the_same_merchant
UPDATE location SET tenant_id = %(other)s WHERE tenant_id = %(tenant)s AND location_id = %(location)s

-- name: i20_no_cart_holds_stock_beyond_its_time
UPDATE reservation SET expires_at = expires_at - interval '1 day' WHERE tenant_id = %(tenant)s
