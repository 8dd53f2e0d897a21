-- name: groups
SELECT g.group_id, g.code, g.name, g.created_at, g.updated_at, g.version
FROM customer_group g
WHERE g.tenant_id = %(tenant_id)s
ORDER BY g.name, g.code

-- name: counted_groups
SELECT g.group_id, g.code, g.name, g.created_at, g.updated_at, g.version, (
    SELECT count(*) FROM (
        SELECT 1 FROM customer_group_member m
        WHERE m.tenant_id = %(tenant_id)s AND m.group_id = g.group_id
        LIMIT %(count_max)s + 1
    ) AS counted
)
FROM customer_group g
WHERE g.tenant_id = %(tenant_id)s
ORDER BY g.name, g.code

-- name: group
SELECT g.group_id, g.code, g.name, g.created_at, g.updated_at, g.version
FROM customer_group g
WHERE g.tenant_id = %(tenant_id)s AND g.group_id = %(group_id)s

-- name: group_for_update
SELECT g.group_id, g.code, g.name, g.created_at, g.updated_at, g.version
FROM customer_group g
WHERE g.tenant_id = %(tenant_id)s AND g.group_id = %(group_id)s
FOR NO KEY UPDATE

-- name: groups_held
-- Held so that none of them is renamed or removed before who joins it is in it.
SELECT g.group_id, g.code, g.name
FROM customer_group g
WHERE g.tenant_id = %(tenant_id)s
    AND (g.group_id = ANY(%(group_ids)s::uuid[]) OR g.code = ANY(%(codes)s::text[]))
ORDER BY g.group_id
FOR SHARE

-- name: groups_of
-- Of each customer asked for, or of the survivor where it was merged; CASE as for customers.
SELECT c.customer_id, g.group_id, g.code, g.name
FROM customer c
JOIN customer_group_member m ON m.tenant_id = c.tenant_id
    AND m.customer_id = CASE WHEN c.merged_into IS NULL THEN c.customer_id ELSE c.merged_into END
JOIN customer_group g ON g.tenant_id = m.tenant_id AND g.group_id = m.group_id
WHERE c.tenant_id = %(tenant_id)s AND c.customer_id = ANY(%(customer_ids)s::uuid[])
ORDER BY c.customer_id, g.code
