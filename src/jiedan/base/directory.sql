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

-- name: set_host
-- A host that another tenant has is left alone. Two that take one at once meet at the unique key.
UPDATE directory
SET host = %(host)s
WHERE tenant_id = %(tenant_id)s
    AND NOT EXISTS (
        SELECT 1 /* across tenants: a host belongs to one */ FROM directory o
        WHERE o.host = %(host)s AND o.tenant_id <> %(tenant_id)s
    )
RETURNING tenant_id

-- name: forget_host
UPDATE directory SET host = NULL WHERE tenant_id = %(tenant_id)s

-- name: host
SELECT d.host FROM directory d WHERE d.tenant_id = %(tenant_id)s

-- name: by_host
SELECT slug /* across tenants: none is known yet */ FROM directory WHERE host = %(host)s
