-- name: places
SELECT a.country, a.prefix, a.lat, a.lon
FROM unnest(%(countries)s::text[], %(prefixes)s::text[]) AS u (country, prefix)
JOIN postal_area a ON a.tenant_id = %(tenant_id)s AND a.country = u.country AND a.prefix = u.prefix

-- name: upsert_postal_areas
INSERT INTO postal_area (tenant_id, country, prefix, lat, lon)
SELECT t.tenant_id, u.country, u.prefix, u.lat, u.lon
FROM tenant t CROSS JOIN unnest(%(countries)s::text[], %(prefixes)s::text[], %(lats)s::float8[], %(lons)s::float8[])
    AS u (country, prefix, lat, lon)
WHERE t.tenant_id = %(tenant_id)s
ON CONFLICT (tenant_id, country, prefix) DO UPDATE SET lat = excluded.lat, lon = excluded.lon
WHERE (postal_area.lat, postal_area.lon) <> (excluded.lat, excluded.lon)

-- name: delete_postal_area
DELETE FROM postal_area
WHERE tenant_id = %(tenant_id)s AND country = %(country)s AND prefix = %(prefix)s
RETURNING country, prefix
