-- What breaks each invariant, by the name of its check in verify.sql; `check__way` where there are several ways.

-- name: i10_balances_are_the_sums_of_their_entries
UPDATE wallet SET balance = balance + 1 WHERE tenant_id = %(tenant)s

-- name: i10_balances_are_the_sums_of_their_entries__without_entries
DELETE FROM wallet_entry WHERE tenant_id = %(tenant)s

-- name: i10_balances_are_what_is_left_of_their_lots
UPDATE wallet_lot SET remaining = remaining - 1 WHERE tenant_id = %(tenant)s AND remaining > 0

-- name: i10_no_balance_is_negative
UPDATE wallet SET balance = -1 WHERE tenant_id = %(tenant)s

-- name: i10_no_balance_is_negative__of_an_entry
UPDATE wallet_entry SET balance = -1 WHERE tenant_id = %(tenant)s AND side = 'wallet'

-- name: i10_no_balance_is_negative__of_a_lot
UPDATE wallet_lot SET remaining = amount + 1 WHERE tenant_id = %(tenant)s

-- name: i10_entries_follow_one_another
UPDATE wallet_entry SET balance = balance + 1 WHERE tenant_id = %(tenant)s AND side = 'wallet'

-- name: i10_what_came_in_is_a_lot
DELETE FROM wallet_lot WHERE tenant_id = %(tenant)s

-- name: i10_no_more_is_given_back_than_was_redeemed
UPDATE wallet_entry e SET amount = e.amount + 100000
FROM wallet_movement m
WHERE e.tenant_id = %(tenant)s AND m.tenant_id = %(tenant)s AND m.movement_id = e.movement_id AND m.kind = 'give_back'
    AND e.side = 'wallet'

-- name: i10_no_more_is_given_back_than_was_redeemed__for_another
UPDATE wallet_movement SET subject_id = wallet_id WHERE tenant_id = %(tenant)s AND kind = 'give_back'

-- name: i10_no_more_points_are_taken_back_than_were_earned
UPDATE wallet_entry e SET amount = e.amount - 100000
FROM wallet_movement m
WHERE e.tenant_id = %(tenant)s AND m.tenant_id = %(tenant)s AND m.movement_id = e.movement_id AND m.kind = 'take_back'
    AND e.side = 'wallet'

-- name: i10_no_more_points_are_taken_back_than_were_earned__for_another
UPDATE wallet_movement SET subject_id = wallet_id WHERE tenant_id = %(tenant)s AND kind = 'take_back'

-- name: i14_a_key_moves_a_wallet_once
UPDATE wallet_movement SET operation_key = 'same', part = 0 WHERE tenant_id = %(tenant)s

-- name: i16_every_movement_of_a_wallet_has_its_event
DELETE FROM event_log WHERE tenant_id = %(tenant)s AND kind = 'wallets.moved'

-- name: i16_every_edit_of_a_gift_card_has_its_event
UPDATE gift_card SET version = version + 1 WHERE tenant_id = %(tenant)s

-- name: i16_every_change_of_a_loyalty_rule_has_its_event
UPDATE loyalty_rule SET version = version + 1 WHERE tenant_id = %(tenant)s

-- name: i17_the_legs_of_a_movement_sum_to_zero
UPDATE wallet_entry SET amount = amount - 1 WHERE tenant_id = %(tenant)s AND side = 'merchant'

-- name: i17_the_legs_of_a_movement_sum_to_zero__one_leg
DELETE FROM wallet_entry WHERE tenant_id = %(tenant)s AND side = 'merchant'

-- name: i17_the_legs_of_a_movement_sum_to_zero__in_two_units
UPDATE wallet_entry SET unit = 'XTS' WHERE tenant_id = %(tenant)s AND side = 'merchant'

-- name: i18_wallets_belong_to_things_of_the_same_merchant
UPDATE wallet SET customer_id = wallet_id WHERE tenant_id = %(tenant)s AND customer_id IS NOT NULL

-- name: i18_wallets_belong_to_things_of_the_same_merchant__cards
DELETE FROM gift_card WHERE tenant_id = %(tenant)s

-- name: i18_wallets_belong_to_things_of_the_same_merchant__movements
DELETE FROM wallet WHERE tenant_id = %(tenant)s AND kind <> 'gift_card'

-- name: i18_wallets_belong_to_things_of_the_same_merchant__entries
DELETE FROM wallet_movement WHERE tenant_id = %(tenant)s

-- name: i18_wallets_belong_to_things_of_the_same_merchant__wallets_of_cards
DELETE FROM wallet WHERE tenant_id = %(tenant)s AND kind = 'gift_card'

-- name: i20_nothing_stays_in_a_wallet_beyond_its_time
UPDATE wallet_lot SET expires_at = %(now)s::timestamptz - interval '2 days'
WHERE tenant_id = %(tenant)s AND remaining > 0
