-- How long locations take.

-- name: handling
SELECT h.location_id, h.p50_days, h.p90_days FROM location_handling h
WHERE h.tenant_id = %(tenant_id)s
ORDER BY h.location_id
