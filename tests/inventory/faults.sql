-- What breaks each invariant, by the name of its check in verify.sql; `check__way` where there are several ways.

-- name: i01_on_hand_is_the_sum_of_its_movements
UPDATE stock SET on_hand = on_hand + 1 WHERE tenant_id = %(tenant)s AND sku_id = %(sku)s AND location_id = %(location)s

-- name: i01_on_hand_is_the_sum_of_its_movements__no_counters
DELETE FROM stock WHERE tenant_id = %(tenant)s AND sku_id = %(sku)s AND location_id = %(location)s

-- name: i05_low_is_what_the_counters_say
UPDATE stock SET low_since = %(now)s WHERE tenant_id = %(tenant)s AND low_since IS NULL

-- name: i11_movements_follow_one_another
UPDATE stock_movement SET on_hand = on_hand + 1 WHERE tenant_id = %(tenant)s

-- name: i11_incoming_is_what_is_in_transit
UPDATE stock SET incoming = incoming + 1 WHERE tenant_id = %(tenant)s

-- name: i11_incoming_is_what_is_in_transit__no_counters
DELETE FROM stock WHERE tenant_id = %(tenant)s AND incoming > 0

-- name: i11_transfers_are_in_the_ledger
UPDATE transfer_line SET received = received + 1 WHERE tenant_id = %(tenant)s

-- name: i11_transfers_are_in_the_ledger__no_transfer
UPDATE stock_movement SET kind = 'transfer_in' WHERE tenant_id = %(tenant)s AND kind = 'receipt'

-- name: i11_transfers_are_in_the_ledger__elsewhere
UPDATE transfer SET to_location_id = transfer_id WHERE tenant_id = %(tenant)s

-- name: i11_counts_are_in_the_ledger
UPDATE stock_count SET is_applied = false WHERE tenant_id = %(tenant)s

-- name: i11_counts_are_in_the_ledger__no_count
UPDATE stock_movement SET kind = 'count' WHERE tenant_id = %(tenant)s AND kind = 'receipt'

-- name: i12_reserved_is_on_hand
UPDATE stock SET reserved = on_hand + 1 WHERE tenant_id = %(tenant)s

-- name: i12_reserved_is_the_sum_of_its_reservations
UPDATE stock SET reserved = reserved - 1 WHERE tenant_id = %(tenant)s AND sku_id = %(sku)s

-- name: i12_reserved_is_the_sum_of_its_reservations__no_counters
UPDATE reservation SET location_id = owner_id WHERE tenant_id = %(tenant)s

-- name: i12_transfers_hold_no_more_than_is_left_to_send
UPDATE transfer SET closed_at = created_at WHERE tenant_id = %(tenant)s

-- name: i14_an_operation_key_has_one_effect
UPDATE stock_movement SET operation_key = 'same' WHERE tenant_id = %(tenant)s

-- name: i16_every_movement_has_its_event__receipt
DELETE FROM event_log WHERE tenant_id = %(tenant)s AND kind = 'inventory.stock_received'

-- name: i16_every_movement_has_its_event__adjustment
DELETE FROM event_log WHERE tenant_id = %(tenant)s AND kind = 'inventory.stock_adjusted'

-- name: i16_every_movement_has_its_event__transfer
DELETE FROM event_log WHERE tenant_id = %(tenant)s AND kind = 'inventory.transfer_received'

-- name: i16_every_movement_has_its_event__told_as_something_else
UPDATE event_log SET kind = 'inventory.stock_adjusted'
WHERE tenant_id = %(tenant)s AND kind = 'inventory.transfer_shipped'

-- name: i16_every_edit_of_a_location_has_its_event__created
DELETE FROM event_log WHERE tenant_id = %(tenant)s AND kind = 'inventory.location_created'

-- name: i16_every_edit_of_a_location_has_its_event__changed
UPDATE location SET version = version + 1 WHERE tenant_id = %(tenant)s AND location_id = %(location)s

-- name: i16_every_edit_of_thresholds_has_its_event
UPDATE stock SET version = version + 1 WHERE tenant_id = %(tenant)s AND sku_id = %(sku)s

-- name: i16_every_transfer_has_its_events__opened
DELETE FROM event_log WHERE tenant_id = %(tenant)s AND kind = 'inventory.transfer_opened'

-- name: i16_every_transfer_has_its_events__ended
UPDATE transfer SET closed_at = created_at WHERE tenant_id = %(tenant)s

-- name: i16_every_count_has_its_events__opened
DELETE FROM event_log WHERE tenant_id = %(tenant)s AND kind = 'inventory.count_opened'

-- name: i16_every_count_has_its_events__round
DELETE FROM event_log WHERE tenant_id = %(tenant)s AND kind = 'inventory.count_tallied'

-- name: i16_every_count_has_its_events__ended
UPDATE stock_count SET closed_at = NULL WHERE tenant_id = %(tenant)s

-- name: i18_stock_belongs_to_things_of_the_same_merchant__location
UPDATE location SET tenant_id = %(other)s WHERE tenant_id = %(tenant)s AND location_id = %(location)s

-- name: i18_stock_belongs_to_things_of_the_same_merchant__sku
UPDATE sku SET tenant_id = %(other)s WHERE tenant_id = %(tenant)s AND sku_id = %(sku)s

-- name: i18_stock_belongs_to_things_of_the_same_merchant__movement
UPDATE stock_movement SET location_id = movement_id WHERE tenant_id = %(tenant)s

-- name: i18_stock_belongs_to_things_of_the_same_merchant__reservation
UPDATE reservation SET location_id = owner_id WHERE tenant_id = %(tenant)s

-- name: i18_transfers_and_counts_belong_to_things_of_the_same_merchant__transfer
UPDATE transfer SET to_location_id = transfer_id WHERE tenant_id = %(tenant)s

-- name: i18_transfers_and_counts_belong_to_things_of_the_same_merchant__transfer_line
UPDATE transfer_line SET sku_id = transfer_id WHERE tenant_id = %(tenant)s

-- name: i18_transfers_and_counts_belong_to_things_of_the_same_merchant__count
UPDATE stock_count SET location_id = count_id WHERE tenant_id = %(tenant)s

-- name: i18_transfers_and_counts_belong_to_things_of_the_same_merchant__count_line
DELETE FROM stock_count WHERE tenant_id = %(tenant)s

-- name: i18_transfers_and_counts_belong_to_things_of_the_same_merchant__tally
DELETE FROM stock_count_line WHERE tenant_id = %(tenant)s

-- name: i20_no_cart_holds_stock_beyond_its_time
UPDATE reservation SET expires_at = expires_at - interval '1 day' WHERE tenant_id = %(tenant)s
