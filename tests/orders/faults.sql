-- What breaks each invariant, by the name of its check in verify.sql.

-- name: i02_numbers_are_unique
UPDATE orders SET number = 'SO-1' WHERE tenant_id = %(tenant)s

-- name: i04_line_count
UPDATE orders SET line_count = line_count + 1 WHERE tenant_id = %(tenant)s AND order_id = %(order)s

-- name: i05_canceled_orders_hold_no_stock
UPDATE orders SET lifecycle = 'canceled', canceled_at = placed_at WHERE tenant_id = %(tenant)s AND order_id = %(order)s

-- name: i05_canceled_means_all_lines_are
UPDATE order_line SET canceled = ordered, allocated = 0 WHERE tenant_id = %(tenant)s AND order_id = %(order)s

-- name: i05_fulfillment_status_follows_the_lines
UPDATE orders SET fulfillment_status = 'delivered' WHERE tenant_id = %(tenant)s AND order_id = %(order)s

-- name: i05_payment_status_follows_the_money
UPDATE orders SET captured_minor = 1 WHERE tenant_id = %(tenant)s AND order_id = %(order)s

-- name: i06_order_total_is_the_sum_of_its_lines
UPDATE orders SET total_minor = total_minor + 1 WHERE tenant_id = %(tenant)s AND order_id = %(order)s

-- name: i06_line_total_adds_up
UPDATE order_line SET total_minor = total_minor + 1 WHERE tenant_id = %(tenant)s AND order_id = %(order)s

-- name: i07_no_more_leaves_than_was_ordered
UPDATE order_line SET shipped = ordered + 1 WHERE tenant_id = %(tenant)s AND order_id = %(order)s

-- name: i12_allocated_is_what_the_line_holds
UPDATE order_line SET allocated = 0 WHERE tenant_id = %(tenant)s AND order_id = %(order)s

-- name: i13_nothing_is_promised_that_is_not_there
UPDATE stock SET on_hand = 0 WHERE tenant_id = %(tenant)s

-- name: i14_one_order_per_external_id
UPDATE orders SET external_id = 'T-1' WHERE tenant_id = %(tenant)s

-- name: i14_a_key_led_to_its_order
UPDATE idempotency_key SET subject_id = %(tenant)s WHERE tenant_id = %(tenant)s

-- name: i16_every_order_has_its_events
DELETE FROM event_log WHERE tenant_id = %(tenant)s AND subject_id = %(order)s

-- name: i18_lines_belong_to_orders
UPDATE order_line SET order_id = %(tenant)s WHERE tenant_id = %(tenant)s AND order_id = %(order)s

-- name: i18_reservations_belong_to_lines
UPDATE reservation SET owner_id = sku_id WHERE tenant_id = %(tenant)s AND quantity = 2
