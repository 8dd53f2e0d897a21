-- name: move_views
UPDATE saved_view v
SET position = u.position, version = v.version + 1, updated_at = %(at)s
FROM unnest(%(view_ids)s::uuid[], %(positions)s::bigint[]) AS u (view_id, position)
WHERE v.tenant_id = %(tenant_id)s AND v.view_id = u.view_id
