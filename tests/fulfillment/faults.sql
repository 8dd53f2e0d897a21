-- What breaks each invariant, by the name of its check in verify.sql; `check__way` where there are several ways.

-- name: i03_open_requests_are_what_lines_have_released
UPDATE order_line SET released = released + 1 WHERE tenant_id = %(tenant)s AND order_id = %(order)s

-- name: i03_released_goods_are_held_where_they_are_picked
UPDATE fulfillment_line SET released = released + 1 WHERE tenant_id = %(tenant)s

-- name: i03_what_may_go_is_released
UPDATE order_line SET allocated = allocated + 1 WHERE tenant_id = %(tenant)s AND order_id = %(order)s

-- name: i05_status_follows_the_lines
UPDATE fulfillment SET status = 'released' WHERE tenant_id = %(tenant)s AND status = 'delivered'

-- name: i07_each_step_follows_the_one_before
UPDATE fulfillment_line SET picked = 0 WHERE tenant_id = %(tenant)s AND packed > 0

-- name: i07_order_lines_are_what_left
UPDATE order_line SET shipped = 0, delivered = 0 WHERE tenant_id = %(tenant)s AND shipped > 0

-- name: i07_parcels_hold_what_was_packed
UPDATE parcel_line SET quantity = quantity + 1 WHERE tenant_id = %(tenant)s

-- name: i11_what_left_is_in_the_ledger
DELETE FROM stock_movement WHERE tenant_id = %(tenant)s AND kind = 'shipment'

-- name: i12_what_left_holds_nothing
UPDATE reservation SET quantity = quantity + 10 WHERE tenant_id = %(tenant)s

-- name: i16_every_release_has_its_event
DELETE FROM event_log WHERE tenant_id = %(tenant)s AND kind = 'fulfillment.fulfillment_released'

-- name: i16_every_parcel_has_its_events
DELETE FROM event_log WHERE tenant_id = %(tenant)s AND kind = 'fulfillment.parcel_shipped'

-- name: i18_lines_belong_to_the_order_of_their_fulfillment
UPDATE fulfillment SET order_id = %(other)s WHERE tenant_id = %(tenant)s AND order_id = %(order)s

-- name: i18_parcels_hold_lines_of_their_fulfillment
UPDATE parcel_line SET line_id = %(order)s WHERE tenant_id = %(tenant)s

-- name: i18_acknowledged_notes_are_of_the_same_order
UPDATE note_acknowledgement SET note_id = %(order)s WHERE tenant_id = %(tenant)s

-- name: i18_fulfillments_and_parcels_belong_to_things_of_the_same_merchant__location
UPDATE fulfillment SET location_id = order_id WHERE tenant_id = %(tenant)s

-- name: i18_fulfillments_and_parcels_belong_to_things_of_the_same_merchant__order
UPDATE fulfillment SET order_id = fulfillment_id WHERE tenant_id = %(tenant)s

-- name: i18_fulfillments_and_parcels_belong_to_things_of_the_same_merchant__parcel
UPDATE parcel SET fulfillment_id = parcel_id WHERE tenant_id = %(tenant)s

-- name: i18_fulfillments_and_parcels_belong_to_things_of_the_same_merchant__label
INSERT INTO parcel_label (tenant_id, parcel_id, carrier, tracking_number, media_type, document, created_at)
VALUES (%(tenant)s, %(tenant)s, 'OWN', 'X1', 'application/pdf', 'x', '2026-11-21')

-- name: i18_lines_belong_to_the_order_of_their_fulfillment__no_fulfillment
DELETE FROM fulfillment WHERE tenant_id = %(tenant)s

-- name: i18_parcels_hold_lines_of_their_fulfillment__no_parcel
DELETE FROM parcel WHERE tenant_id = %(tenant)s

-- name: i16_every_promise_has_its_event
UPDATE orders SET promised_p90_on = promised_p90_on + 1 WHERE tenant_id = %(tenant)s AND order_id = %(order)s

-- name: i16_days_of_locations_have_their_event
UPDATE location_handling SET p90_days = p90_days + 1 WHERE tenant_id = %(tenant)s

-- name: i07_parcels_hold_what_was_scanned_into_them
UPDATE parcel_line SET quantity = quantity + 1 WHERE tenant_id = %(tenant)s AND parcel_id IN (
    SELECT s.parcel_id FROM packing_scan s WHERE s.tenant_id = %(tenant)s
)

-- name: i07_parcels_hold_what_was_scanned_into_them__a_line_that_is_not_in_it
UPDATE packing_scan SET line_id = fulfillment_id WHERE tenant_id = %(tenant)s

-- name: i07_parcels_hold_what_was_scanned_into_them__more_at_once
UPDATE packing_scan SET quantity = quantity + 1 WHERE tenant_id = %(tenant)s AND parcel_id IS NOT NULL

-- name: i16_every_print_has_its_event
DELETE FROM event_log WHERE tenant_id = %(tenant)s AND kind = 'fulfillment.parcel_printed'

-- name: i16_every_kind_of_box_has_its_event
DELETE FROM event_log WHERE tenant_id = %(tenant)s AND kind = 'fulfillment.box_saved'

-- name: i18_scans_and_prints_are_of_the_parcels_of_their_fulfillment
UPDATE packing_scan SET parcel_id = fulfillment_id WHERE tenant_id = %(tenant)s AND parcel_id IS NOT NULL

-- name: i18_scans_and_prints_are_of_the_parcels_of_their_fulfillment__line
UPDATE packing_scan SET line_id = fulfillment_id WHERE tenant_id = %(tenant)s

-- name: i18_scans_and_prints_are_of_the_parcels_of_their_fulfillment__print
UPDATE parcel_print SET parcel_id = print_id WHERE tenant_id = %(tenant)s
