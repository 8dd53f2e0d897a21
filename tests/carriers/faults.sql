-- What breaks each invariant, by the name of its check in verify.sql; `check__way` where there are several ways.

-- name: i02_waybill_numbers_are_below_the_next_one
UPDATE waybill_series SET next_number = 1 WHERE tenant_id = %(tenant)s

-- name: i02_waybill_numbers_are_below_the_next_one__no_series
DELETE FROM waybill_series WHERE tenant_id = %(tenant)s

-- name: i16_every_carrier_has_its_event
DELETE FROM event_log WHERE tenant_id = %(tenant)s AND kind = 'carriers.carrier_saved'

-- name: i18_waybills_belong_to_carriers
UPDATE waybill_series SET code = 'NONE' WHERE tenant_id = %(tenant)s
