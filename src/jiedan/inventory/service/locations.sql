-- name: insert_locations
INSERT INTO location (tenant_id, location_id, code, name, kind, lat, lon, priority, is_active, version, created_at,
    address, hours, phone)
SELECT
    t.tenant_id, u.location_id, u.code, u.name, u.kind, u.lat, u.lon, u.priority, u.is_active, 1, %(created_at)s,
    u.address, u.hours, u.phone
FROM tenant t CROSS JOIN unnest(
    %(location_ids)s::uuid[], %(codes)s::text[], %(names)s::text[], %(kinds)s::text[], %(lats)s::float8[],
    %(lons)s::float8[], %(priorities)s::bigint[], %(are_active)s::boolean[],
    %(addresses)s::text[], %(hours)s::text[], %(phones)s::text[]
) AS u (location_id, code, name, kind, lat, lon, priority, is_active, address, hours, phone)
WHERE t.tenant_id = %(tenant_id)s
ORDER BY u.code
ON CONFLICT (tenant_id, code) DO NOTHING
RETURNING location_id

-- name: oldest_location_for_update
SELECT location_id FROM location WHERE tenant_id = %(tenant_id)s
ORDER BY location_id LIMIT 1
FOR NO KEY UPDATE
