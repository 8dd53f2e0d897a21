-- name: join
-- Who is in the group already stays as it is.
INSERT INTO customer_group_member (tenant_id, group_id, customer_id, joined_at)
SELECT t.tenant_id, u.group_id, u.customer_id, %(at)s
FROM tenant t CROSS JOIN unnest(%(group_ids)s::uuid[], %(customer_ids)s::uuid[]) AS u (group_id, customer_id)
WHERE t.tenant_id = %(tenant_id)s
ON CONFLICT (tenant_id, group_id, customer_id) DO NOTHING
RETURNING group_id, customer_id

-- name: leave
DELETE FROM customer_group_member m
USING unnest(%(group_ids)s::uuid[], %(customer_ids)s::uuid[]) AS u (group_id, customer_id)
WHERE m.tenant_id = %(tenant_id)s AND m.group_id = u.group_id AND m.customer_id = u.customer_id
RETURNING m.group_id, m.customer_id

-- name: count_members
SELECT count(*) FROM customer_group_member WHERE tenant_id = %(tenant_id)s AND group_id = %(group_id)s

-- name: insert_group
INSERT INTO customer_group (tenant_id, group_id, code, name, created_at, updated_at, version)
SELECT t.tenant_id, %(group_id)s, %(code)s, %(name)s, %(at)s, %(at)s, 1
FROM tenant t WHERE t.tenant_id = %(tenant_id)s
ON CONFLICT (tenant_id, code) DO NOTHING
RETURNING group_id

-- name: rename_group
UPDATE customer_group SET name = %(name)s, updated_at = %(at)s, version = version + 1
WHERE tenant_id = %(tenant_id)s AND group_id = %(group_id)s

-- name: remove_group
DELETE FROM customer_group WHERE tenant_id = %(tenant_id)s AND group_id = %(group_id)s
