-- name: insert_part
INSERT INTO export_part (tenant_id, export_id, part, content)
SELECT t.tenant_id, %(export_id)s, %(part)s, %(content)s FROM tenant t WHERE t.tenant_id = %(tenant_id)s

-- name: delete_parts
DELETE FROM export_part WHERE tenant_id = %(tenant_id)s AND export_id = ANY(%(export_ids)s::uuid[])

-- name: old_exports
SELECT e.export_id
FROM export_job e
WHERE e.tenant_id = %(tenant_id)s AND e.created_at < %(before)s
ORDER BY e.export_id
LIMIT %(exports_max)s

-- name: delete_exports
DELETE FROM export_job WHERE tenant_id = %(tenant_id)s AND export_id = ANY(%(export_ids)s::uuid[])

-- name: files_to_erase
SELECT e.export_id, e.status IN ('queued', 'running') FROM export_job e
WHERE e.tenant_id = %(tenant_id)s
ORDER BY e.export_id
FOR NO KEY UPDATE
