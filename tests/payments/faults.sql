-- What breaks each invariant, by the name of its check in verify.sql; `check__way` where there are several ways.

-- name: i01_sums_of_a_payment_are_those_of_its_ledger
UPDATE payment SET captured_minor = captured_minor + 1 WHERE tenant_id = %(tenant)s AND payment_id = %(captured)s

-- name: i01_processing_is_what_waits_for_an_answer
UPDATE payment SET processing_count = 0 WHERE tenant_id = %(tenant)s AND processing_count > 0

-- name: i05_a_payments_state_is_what_its_facts_say
UPDATE payment SET state = 'voided' WHERE tenant_id = %(tenant)s AND payment_id = %(captured)s

-- name: i08_an_orders_money_is_that_of_its_payments
UPDATE orders SET captured_minor = captured_minor - 1 WHERE tenant_id = %(tenant)s AND order_id = %(order)s

-- name: i08_an_orders_money_is_that_of_its_payments__out_of_wallets
UPDATE orders SET from_wallets_minor = from_wallets_minor - 1 WHERE tenant_id = %(tenant)s AND from_wallets_minor > 0

-- name: i08_an_orders_money_is_that_of_its_payments__on_its_way_back
UPDATE orders SET refunding_minor = refunding_minor + 1 WHERE tenant_id = %(tenant)s AND order_id = %(order)s

-- name: i10_what_wallets_paid_is_in_the_ledger_of_orders
UPDATE payment SET provider_ref = 'elsewhere' WHERE tenant_id = %(tenant)s AND provider = 'wallet'

-- name: i10_what_wallets_paid_is_in_the_ledger_of_orders__redeemed
UPDATE wallet_entry SET amount = amount - 1 WHERE tenant_id = %(tenant)s AND side = 'wallet' AND amount < 0

-- name: i10_points_that_paid_are_in_the_ledger_of_orders
UPDATE payment SET captured_minor = captured_minor + 1 WHERE tenant_id = %(tenant)s AND method = 'points'

-- name: i10_points_that_paid_are_in_the_ledger_of_orders__back
UPDATE wallet_entry e SET amount = e.amount + 1
FROM wallet_movement m
WHERE e.tenant_id = %(tenant)s AND m.tenant_id = %(tenant)s AND m.movement_id = e.movement_id AND m.kind = 'give_back'
    AND e.unit = 'points' AND e.side = 'wallet'

-- name: i10_points_that_paid_are_in_the_ledger_of_orders__in_another_currency
UPDATE wallet_movement SET worth_currency = 'USD' WHERE tenant_id = %(tenant)s AND worth_minor IS NOT NULL

-- name: i10_points_that_paid_are_in_the_ledger_of_orders__without_a_worth
UPDATE wallet_movement SET worth_minor = NULL, worth_currency = NULL WHERE tenant_id = %(tenant)s AND kind = 'redemption'

-- name: i10_what_goes_to_a_wallet_is_there
UPDATE wallet_movement SET operation_key = operation_key || ' another' WHERE tenant_id = %(tenant)s AND kind = 'give_back'

-- name: i10_what_goes_to_a_wallet_is_there__not_done
UPDATE payment_operation SET state = 'pending' WHERE tenant_id = %(tenant)s AND to_wallet

-- name: i08_money_is_in_the_currency_of_its_order__payment
UPDATE payment SET currency = 'USD' WHERE tenant_id = %(tenant)s

-- name: i08_money_is_in_the_currency_of_its_order__entry
UPDATE payment_entry SET currency = 'USD' WHERE tenant_id = %(tenant)s AND kind = 'refund'

-- name: i09_no_capture_gives_back_more_than_it_took__of_nothing
UPDATE payment_entry SET refers_to = NULL WHERE tenant_id = %(tenant)s AND kind = 'refund'

-- name: i09_no_capture_gives_back_more_than_it_took__of_another_payment
UPDATE payment_entry SET payment_id = entry_id WHERE tenant_id = %(tenant)s AND kind = 'refund'

-- name: i09_no_authorization_covers_more_than_it_set_aside__nothing
UPDATE payment_entry SET refers_to = NULL WHERE tenant_id = %(tenant)s AND kind = 'void'

-- name: i09_no_capture_gives_back_more_than_it_took
UPDATE payment_entry SET amount_minor = 5001 WHERE tenant_id = %(tenant)s AND kind = 'refund'

-- name: i09_no_authorization_covers_more_than_it_set_aside
UPDATE payment_entry SET amount_minor = 2999 WHERE tenant_id = %(tenant)s AND kind = 'authorization'

-- name: i09_the_lines_of_a_refund_add_up_to_it
UPDATE refund_line SET amount_minor = amount_minor + 1 WHERE tenant_id = %(tenant)s

-- name: i14_an_operation_moves_money_once_and_only_when_it_succeeded
UPDATE payment_operation SET state = 'failed' WHERE tenant_id = %(tenant)s AND kind = 'refund'

-- name: i14_a_key_asks_for_one_operation
UPDATE payment_operation SET key = 'same' WHERE tenant_id = %(tenant)s

-- name: i16_every_payment_has_its_event
DELETE FROM event_log WHERE tenant_id = %(tenant)s AND kind = 'payments.payment_created'

-- name: i16_every_operation_has_its_events__requested
DELETE FROM event_log WHERE tenant_id = %(tenant)s AND kind = 'payments.operation_requested'

-- name: i16_every_operation_has_its_events__failed
UPDATE payment_operation SET state = 'failed' WHERE tenant_id = %(tenant)s AND kind = 'refund'

-- name: i16_every_operation_has_its_events__unknown
UPDATE payment_operation SET state = 'unknown' WHERE tenant_id = %(tenant)s AND state = 'pending'

-- name: i16_every_entry_of_the_ledger_has_its_event
DELETE FROM event_log WHERE tenant_id = %(tenant)s AND kind = 'payments.money_refunded'

-- name: i16_every_entry_of_the_ledger_has_its_event__of_another_sum
UPDATE payment_entry SET amount_minor = amount_minor + 1 WHERE tenant_id = %(tenant)s AND kind = 'void'

-- name: i16_every_change_of_a_provider_has_its_event
UPDATE payment_provider SET version = version + 1 WHERE tenant_id = %(tenant)s

-- name: i18_money_belongs_to_things_of_the_same_merchant__payment
UPDATE payment SET order_id = payment_id WHERE tenant_id = %(tenant)s

-- name: i18_money_belongs_to_things_of_the_same_merchant__operation
UPDATE payment_operation SET payment_id = operation_id WHERE tenant_id = %(tenant)s AND state = 'pending'

-- name: i18_money_belongs_to_things_of_the_same_merchant__entry
UPDATE payment_entry SET payment_id = entry_id WHERE tenant_id = %(tenant)s AND kind = 'void'

-- name: i18_money_belongs_to_things_of_the_same_merchant__made_by_nothing
UPDATE payment_entry SET operation_id = entry_id WHERE tenant_id = %(tenant)s AND kind = 'void'

-- name: i18_money_belongs_to_things_of_the_same_merchant__about_nothing
UPDATE payment_entry SET refers_to = payment_id WHERE tenant_id = %(tenant)s AND kind = 'void'

-- name: i18_money_belongs_to_things_of_the_same_merchant__refund_line
UPDATE refund_line SET entry_id = tenant_id WHERE tenant_id = %(tenant)s

-- name: i20_no_payment_is_under_way_beyond_the_window
UPDATE payment_operation SET requested_at = requested_at - interval '26 hours'
WHERE tenant_id = %(tenant)s AND state = 'pending'
