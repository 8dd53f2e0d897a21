-- What breaks each invariant, by the name of its check in verify.sql.

-- name: i01_sums_of_a_payment_are_those_of_its_ledger
UPDATE payment SET captured_minor = captured_minor + 1 WHERE tenant_id = %(tenant)s AND payment_id = %(captured)s

-- name: i01_processing_is_what_waits_for_an_answer
UPDATE payment SET processing_count = 0 WHERE tenant_id = %(tenant)s AND processing_count > 0

-- name: i05_a_payments_state_is_what_its_facts_say
UPDATE payment SET state = 'voided' WHERE tenant_id = %(tenant)s AND payment_id = %(captured)s

-- name: i08_an_orders_money_is_that_of_its_payments
UPDATE orders SET captured_minor = captured_minor - 1 WHERE tenant_id = %(tenant)s AND order_id = %(order)s

-- name: i09_no_capture_gives_back_more_than_it_took
UPDATE payment_entry SET amount_minor = 5001 WHERE tenant_id = %(tenant)s AND kind = 'refund'

-- name: i09_no_authorization_covers_more_than_it_set_aside
UPDATE payment_entry SET amount_minor = 2999 WHERE tenant_id = %(tenant)s AND kind = 'authorization'

-- name: i09_the_lines_of_a_refund_add_up_to_it
UPDATE refund_line SET amount_minor = amount_minor + 1 WHERE tenant_id = %(tenant)s

-- name: i14_an_operation_moves_money_once_and_only_when_it_succeeded
UPDATE payment_operation SET state = 'failed' WHERE tenant_id = %(tenant)s AND kind = 'refund'

-- name: i20_no_payment_is_under_way_beyond_the_window
UPDATE payment_operation SET requested_at = requested_at - interval '26 hours'
WHERE tenant_id = %(tenant)s AND state = 'pending'
