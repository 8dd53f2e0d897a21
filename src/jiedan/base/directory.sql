-- The map from slug to tenant; outside row-level security.

-- name: insert_directory
INSERT INTO directory (tenant_id, slug)
VALUES (%(tenant_id)s, %(slug)s)
ON CONFLICT DO NOTHING
RETURNING tenant_id

-- name: insert_tenant
INSERT INTO tenant (tenant_id, created_at)
VALUES (%(tenant_id)s, %(created_at)s)

-- name: take_out
DELETE FROM directory WHERE tenant_id = %(tenant_id)s RETURNING host, cell

-- name: put_back
INSERT INTO directory (tenant_id, slug, host, cell)
VALUES (%(tenant_id)s, %(slug)s, %(host)s, %(cell)s)
ON CONFLICT DO NOTHING
RETURNING tenant_id

-- name: by_slug
SELECT tenant_id /* across tenants: none is known yet */ FROM directory WHERE slug = %(slug)s

-- name: entries
SELECT tenant_id, slug /* across tenants: the list of them */ FROM directory WHERE slug > %(after)s ORDER BY slug LIMIT %(limit)s
