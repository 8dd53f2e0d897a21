-- What breaks each invariant of orders, by the name of its check; `check__way` where there are several ways.

-- name: i02_numbers_are_unique
UPDATE orders SET number = 'SO-1' WHERE tenant_id = %(tenant)s

-- name: i02_issued_numbers_are_below_the_next_one
UPDATE number_series SET next_number = 2 WHERE tenant_id = %(tenant)s

-- name: i02_issued_numbers_are_below_the_next_one__no_series
DELETE FROM number_series WHERE tenant_id = %(tenant)s

-- name: i04_line_count
UPDATE orders SET line_count = line_count + 1 WHERE tenant_id = %(tenant)s AND order_id = %(order)s

-- name: i05_ended_orders_hold_no_stock__canceled
UPDATE orders SET lifecycle = 'canceled' WHERE tenant_id = %(tenant)s AND order_id = %(order)s

-- name: i05_ended_orders_hold_no_stock__completed
UPDATE orders SET lifecycle = 'completed' WHERE tenant_id = %(tenant)s AND order_id = %(order)s

-- name: i05_ended_orders_use_no_promotion
UPDATE orders SET lifecycle = 'canceled' WHERE tenant_id = %(tenant)s
    AND order_id IN (SELECT order_id FROM redemption WHERE tenant_id = %(tenant)s AND given_back_at IS NULL)

-- name: i05_canceled_means_all_lines_are
UPDATE orders SET lifecycle = 'canceled' WHERE tenant_id = %(tenant)s AND order_id = %(order)s

-- name: i05_what_is_done_is_completed
UPDATE orders SET lifecycle = 'open' WHERE tenant_id = %(tenant)s AND lifecycle = 'completed'

-- name: i05_shipped_is_what_left_the_stock
UPDATE order_line SET shipped = 1 WHERE tenant_id = %(tenant)s AND order_id = %(order)s

-- name: i05_fulfillment_status_follows_the_lines
UPDATE orders SET fulfillment_status = 'delivered' WHERE tenant_id = %(tenant)s AND order_id = %(order)s

-- name: i05_payment_status_follows_the_money
UPDATE orders SET captured_minor = 1 WHERE tenant_id = %(tenant)s AND order_id = %(order)s

-- name: i05_a_fee_is_of_the_method_that_ships
WITH sent AS (
    UPDATE orders SET shipping_method = 'air', shipping_name = 'Air'
    WHERE tenant_id = %(tenant)s AND order_id = %(order)s RETURNING order_id
)
UPDATE order_line SET kind = 'fee', price_reason = 'post' WHERE tenant_id = %(tenant)s AND order_id = %(order)s

-- name: i06_order_total_is_the_sum_of_its_lines
UPDATE orders SET total_minor = total_minor + 1 WHERE tenant_id = %(tenant)s AND order_id = %(order)s

-- name: i06_order_tax_is_the_sum_of_its_lines
UPDATE orders SET tax_minor = tax_minor + 1 WHERE tenant_id = %(tenant)s AND order_id = %(order)s

-- name: i06_line_tax_is_the_sum_of_its_taxes
UPDATE order_line SET taxes = '[["VAT", 190000, 1, 0, false, "taxed"]]'
WHERE tenant_id = %(tenant)s AND order_id = %(order)s

-- name: i06_line_tax_is_the_sum_of_its_taxes__of_more_than_it_costs
UPDATE order_line SET taxes = jsonb_build_array(jsonb_build_array('', 0, 0, total_minor + 1, false, 'untaxed'))
WHERE tenant_id = %(tenant)s AND order_id = %(order)s

-- name: i06_line_total_adds_up
UPDATE order_line SET total_minor = total_minor + 1 WHERE tenant_id = %(tenant)s AND order_id = %(order)s

-- name: i06_who_pays_no_tax_has_shown_why__not_shown
UPDATE orders SET tax = '{"notes": [{"code": "certificate", "reference": "EX-1", "classes": ["books"]}]}'
WHERE tenant_id = %(tenant)s AND order_id = %(order)s

-- name: i06_who_pays_no_tax_has_shown_why__no_vat_number
UPDATE orders SET tax = '{"notes": [{"code": "reverse_charge", "reference": "DE123456789", "classes": ["books"]}]}'
WHERE tenant_id = %(tenant)s AND order_id = %(order)s

-- name: i06_who_pays_no_tax_has_shown_why__taxed
WITH taxed AS (
    UPDATE order_line SET tax_minor = 1 WHERE tenant_id = %(tenant)s AND order_id = %(order)s RETURNING order_id
)
UPDATE orders SET tax = '{"notes": [{"code": "certificate", "classes": ["standard"]}]}'
WHERE tenant_id = %(tenant)s AND order_id IN (SELECT order_id FROM taxed)

-- name: i06_who_pays_no_tax_has_shown_why__relieved
UPDATE order_line SET relief_minor = 1 WHERE tenant_id = %(tenant)s AND order_id = %(order)s

-- name: i06_who_pays_no_tax_has_shown_why__relieved_of_another_class
WITH relieved AS (
    UPDATE order_line SET relief_minor = 1 WHERE tenant_id = %(tenant)s AND order_id = %(order)s RETURNING order_id
)
UPDATE orders SET tax = '{"notes": [{"code": "certificate", "classes": ["books"]}]}'
WHERE tenant_id = %(tenant)s AND order_id IN (SELECT order_id FROM relieved)

-- name: i07_no_more_leaves_than_was_ordered__shipped
UPDATE order_line SET shipped = ordered + 1 WHERE tenant_id = %(tenant)s AND order_id = %(order)s

-- name: i07_no_more_leaves_than_was_ordered__delivered
UPDATE order_line SET delivered = 1 WHERE tenant_id = %(tenant)s AND order_id = %(order)s

-- name: i07_no_more_leaves_than_was_ordered__returned
UPDATE order_line SET returned = 1 WHERE tenant_id = %(tenant)s AND order_id = %(order)s

-- name: i07_no_more_leaves_than_was_ordered__canceled
UPDATE order_line SET canceled = ordered WHERE tenant_id = %(tenant)s AND order_id = %(order)s

-- name: i07_no_more_leaves_than_was_ordered__negative
UPDATE order_line SET canceled = -1 WHERE tenant_id = %(tenant)s AND order_id = %(order)s

-- name: i08_what_an_edit_made_too_much_is_somebodys
WITH made_cheaper AS (
    UPDATE order_line SET placed_source = price_source, placed_unit_minor = unit_minor,
        placed_discount_minor = discount_minor, placed_by_hand_minor = by_hand_minor
    WHERE tenant_id = %(tenant)s AND order_id = %(order)s
)
UPDATE orders SET captured_minor = total_minor + 1 WHERE tenant_id = %(tenant)s AND order_id = %(order)s

-- name: i08_what_leaves_an_order_is_told_only_while_it_needs_it
INSERT INTO case_file (tenant_id, case_id, kind, subject_kind, subject_id, state, data, opened_at, version)
VALUES (
    %(tenant)s, gen_random_uuid(), 'refund_under_way', 'order', %(order)s, 'open', '{"amount_minor": 1}', '2026-11-21', 1
)

-- name: i12_allocated_is_what_the_line_holds
UPDATE order_line SET allocated = 0 WHERE tenant_id = %(tenant)s AND order_id = %(order)s

-- name: i13_nothing_is_sold_that_never_was_there
UPDATE stock_movement SET quantity = 1 WHERE tenant_id = %(tenant)s

-- name: i13_nothing_is_sold_that_never_was_there__shipped
UPDATE order_line SET shipped = 1000 WHERE tenant_id = %(tenant)s AND order_id = %(order)s

-- name: i14_one_order_per_external_id
UPDATE orders SET external_id = 'T-1' WHERE tenant_id = %(tenant)s

-- name: i14_a_key_led_to_its_order
UPDATE idempotency_key SET subject_id = %(tenant)s WHERE tenant_id = %(tenant)s AND operation = 'orders.place'

-- name: i16_every_order_has_its_events__placed
DELETE FROM event_log WHERE tenant_id = %(tenant)s AND kind = 'orders.order_placed'

-- name: i16_every_order_has_its_events__canceled
DELETE FROM event_log WHERE tenant_id = %(tenant)s AND kind = 'orders.order_canceled'

-- name: i16_every_order_has_its_events__completed
DELETE FROM event_log WHERE tenant_id = %(tenant)s AND kind = 'orders.order_completed'

-- name: i16_every_edit_of_an_order_has_its_event
UPDATE orders SET version = version + 1 WHERE tenant_id = %(tenant)s AND order_id = %(order)s

-- name: i16_what_was_canceled_or_performed_was_told__canceled
UPDATE order_line SET canceled = canceled - 1 WHERE tenant_id = %(tenant)s AND canceled > 0

-- name: i16_what_was_canceled_or_performed_was_told__opened_again
DELETE FROM event_log WHERE tenant_id = %(tenant)s AND kind = 'orders.order_reopened'

-- name: i16_what_was_canceled_or_performed_was_told__performed
DELETE FROM event_log WHERE tenant_id = %(tenant)s AND kind = 'orders.services_performed'

-- name: i16_every_hold_has_its_events__placed
DELETE FROM event_log WHERE tenant_id = %(tenant)s AND kind = 'orders.hold_placed'

-- name: i16_every_hold_has_its_events__lifted
UPDATE order_hold SET lifted_at = placed_at WHERE tenant_id = %(tenant)s AND lifted_at IS NULL

-- name: i16_an_orders_money_was_told
UPDATE orders SET captured_minor = captured_minor - 1 WHERE tenant_id = %(tenant)s AND captured_minor > 1

-- name: i16_every_view_has_its_events
UPDATE saved_view SET version = version + 1 WHERE tenant_id = %(tenant)s

-- name: i16_every_draft_has_its_events__version
UPDATE order_draft SET version = version + 1 WHERE tenant_id = %(tenant)s

-- name: i16_every_draft_has_its_events__discarded
UPDATE event_log SET kind = 'orders.draft_discarded' WHERE tenant_id = %(tenant)s AND kind = 'orders.draft_saved'

-- name: i16_every_draft_has_its_events__untold
UPDATE order_draft SET discarded_at = updated_at WHERE tenant_id = %(tenant)s

-- name: i18_what_belongs_to_an_order_has_one__line
UPDATE order_line SET order_id = %(tenant)s WHERE tenant_id = %(tenant)s AND order_id = %(order)s

-- name: i18_what_belongs_to_an_order_has_one__address
UPDATE order_address SET order_id = %(tenant)s WHERE tenant_id = %(tenant)s

-- name: i18_what_belongs_to_an_order_has_one__note
UPDATE order_note SET order_id = %(tenant)s WHERE tenant_id = %(tenant)s

-- name: i18_what_belongs_to_an_order_has_one__tag
UPDATE order_tag SET order_id = %(tenant)s WHERE tenant_id = %(tenant)s

-- name: i18_what_belongs_to_an_order_has_one__attribute
UPDATE order_attribute SET order_id = %(tenant)s WHERE tenant_id = %(tenant)s

-- name: i18_what_belongs_to_an_order_has_one__hold
UPDATE order_hold SET order_id = %(tenant)s WHERE tenant_id = %(tenant)s

-- name: i18_what_belongs_to_an_order_has_one__decision
UPDATE order_decision SET order_id = %(tenant)s WHERE tenant_id = %(tenant)s

-- name: i18_what_belongs_to_an_order_has_one__draft
UPDATE order_draft SET order_id = %(tenant)s WHERE tenant_id = %(tenant)s

-- name: i18_an_orders_wording_is_its_terms__of_nothing
UPDATE order_term SET order_id = %(tenant)s WHERE tenant_id = %(tenant)s AND order_id = %(order)s

-- name: i18_what_belongs_to_an_order_has_one__wording
UPDATE order_wording SET order_id = %(tenant)s WHERE tenant_id = %(tenant)s AND order_id = %(order)s

-- name: i18_an_orders_wording_is_its_terms__term
UPDATE order_term SET term = term || '.' WHERE tenant_id = %(tenant)s AND order_id = %(order)s

-- name: i18_an_orders_wording_is_its_terms__wording
UPDATE order_wording SET terms = replace(terms, 'channel:', 'canal:') WHERE tenant_id = %(tenant)s

-- name: i18_orders_name_things_of_the_same_merchant__customer
UPDATE orders SET customer_id = order_id WHERE tenant_id = %(tenant)s

-- name: i18_orders_name_things_of_the_same_merchant__location
UPDATE orders SET requested_location_id = order_id WHERE tenant_id = %(tenant)s

-- name: i18_orders_name_things_of_the_same_merchant__line_location
UPDATE order_line SET requested_location_id = line_id WHERE tenant_id = %(tenant)s

-- name: i18_orders_name_things_of_the_same_merchant__sku
UPDATE order_line SET sku_id = line_id WHERE tenant_id = %(tenant)s

-- name: i18_orders_name_things_of_the_same_merchant__kit
UPDATE order_line SET parent_line = 77 WHERE tenant_id = %(tenant)s AND parent_line IS NOT NULL

-- name: i18_reservations_belong_to_lines
UPDATE reservation SET owner_id = sku_id WHERE tenant_id = %(tenant)s AND quantity = 2

-- name: i18_reservations_belong_to_lines__other_sku
UPDATE order_line SET sku_id = line_id WHERE tenant_id = %(tenant)s AND order_id = %(order)s

-- name: i18_orders_are_priced_by_a_book_that_is_kept
UPDATE orders SET price_rules_version = 9 WHERE tenant_id = %(tenant)s

-- name: i18_uses_of_promotions_are_of_the_book_that_priced_the_order
UPDATE price_book SET document = document - 'promotions' WHERE tenant_id = %(tenant)s

-- name: i18_uses_of_promotions_are_of_the_book_that_priced_the_order__of_another
UPDATE redemption SET promotion = 'never' WHERE tenant_id = %(tenant)s

-- name: i18_formulas_of_lines_are_in_the_book_that_priced_the_order
UPDATE order_line SET formula = 'never' WHERE tenant_id = %(tenant)s

-- name: i18_formulas_of_lines_are_in_the_book_that_priced_the_order__of_another
WITH told AS (
    UPDATE order_line SET formula = 'curtain' WHERE tenant_id = %(tenant)s AND order_id = %(order)s RETURNING order_id
)
UPDATE price_book SET document = document || '{"formulas": [{"code": "curtain"}]}'
WHERE tenant_id = %(tenant)s AND version <> (
    SELECT o.price_rules_version FROM orders o JOIN told ON told.order_id = o.order_id WHERE o.tenant_id = %(tenant)s
)
