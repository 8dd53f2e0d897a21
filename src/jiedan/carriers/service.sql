-- What staff set up, and what carriers say.

-- name: save_carriers
INSERT INTO carrier (tenant_id, code, adapter, name, is_active, settings, created_at, version)
SELECT t.tenant_id, u.code, u.adapter, u.name, u.is_active, u.settings::jsonb, %(at)s, u.version
FROM tenant t CROSS JOIN unnest(
    %(codes)s::text[], %(adapters)s::text[], %(names)s::text[], %(are_active)s::bool[], %(settings)s::text[],
    %(versions)s::bigint[]
) AS u (code, adapter, name, is_active, settings, version)
WHERE t.tenant_id = %(tenant_id)s
ON CONFLICT (tenant_id, code) DO UPDATE
SET adapter = excluded.adapter, name = excluded.name, is_active = excluded.is_active, settings = excluded.settings,
    version = excluded.version
WHERE carrier.version = excluded.version - 1
RETURNING code

-- name: take_serials
-- The counter row is locked by this very statement: numbers rise, and none is given twice.
INSERT INTO waybill_series (tenant_id, code, next_number)
SELECT t.tenant_id, u.code, 1 + u.number
FROM tenant t CROSS JOIN unnest(%(codes)s::text[], %(numbers)s::bigint[]) AS u (code, number)
WHERE t.tenant_id = %(tenant_id)s
ORDER BY u.code
ON CONFLICT (tenant_id, code) DO UPDATE SET next_number = waybill_series.next_number + excluded.next_number - 1
RETURNING code, next_number

-- name: insert_tracking_events
INSERT INTO tracking_event (
    tenant_id, carrier, number, code, occurred_at, state, description, place, recorded_at
)
SELECT t.tenant_id, u.carrier, u.number, u.code, u.occurred_at, u.state, u.description, u.place, %(at)s
FROM tenant t CROSS JOIN unnest(
    %(carriers)s::text[], %(numbers)s::text[], %(codes)s::text[], %(occurred_at)s::timestamptz[],
    %(states)s::text[], %(descriptions)s::text[], %(places)s::text[]
) AS u (carrier, number, code, occurred_at, state, description, place)
WHERE t.tenant_id = %(tenant_id)s
ORDER BY u.carrier, u.number, u.code, u.occurred_at
ON CONFLICT DO NOTHING
RETURNING carrier, number, code, occurred_at

-- name: erase_tracking_events
-- What happened, and when, stays; where, and in whose words, does not.
UPDATE tracking_event e SET description = '', place = ''
FROM unnest(%(carriers)s::text[], %(numbers)s::text[]) AS u (carrier, number)
WHERE e.tenant_id = %(tenant_id)s AND e.carrier = u.carrier AND e.number = u.number
