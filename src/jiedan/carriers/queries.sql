-- Carriers and what they said.

-- name: carriers
SELECT c.code, c.adapter, c.name, c.is_active, c.settings, c.version
FROM carrier c
WHERE c.tenant_id = %(tenant_id)s
ORDER BY c.code

-- name: carriers_for_update
SELECT c.code, c.adapter, c.name, c.is_active, c.settings, c.version
FROM carrier c
WHERE c.tenant_id = %(tenant_id)s
ORDER BY c.code
FOR NO KEY UPDATE

-- name: tracking_events
SELECT e.carrier, e.number, e.code, e.occurred_at, e.state, e.description, e.place, e.recorded_at
FROM tracking_event e
JOIN unnest(%(carriers)s::text[], %(numbers)s::text[]) AS u (carrier, number)
    ON u.carrier = e.carrier AND u.number = e.number
WHERE e.tenant_id = %(tenant_id)s
ORDER BY e.carrier, e.number, e.occurred_at, e.recorded_at, e.code
