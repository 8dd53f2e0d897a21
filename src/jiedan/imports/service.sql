-- name: insert_errors
INSERT INTO import_row_error (tenant_id, import_id, row_number, place, column_name, field, value, code, detail)
SELECT t.tenant_id, %(import_id)s, u.row_number, u.place, u.column_name, u.field, u.value, u.code, u.detail
FROM tenant t CROSS JOIN unnest(
    %(rows)s::bigint[], %(places)s::bigint[], %(columns)s::text[], %(fields)s::text[], %(values)s::text[],
    %(codes)s::text[], %(details)s::text[]
) AS u (row_number, place, column_name, field, value, code, detail)
WHERE t.tenant_id = %(tenant_id)s

-- name: insert_cancellations
INSERT INTO imported_cancellation (
    tenant_id, external_id, place, fingerprint, order_id, line, quantity, created_at
)
SELECT t.tenant_id, u.external_id, u.place, u.fingerprint, u.order_id, u.line, u.quantity, %(created_at)s
FROM tenant t CROSS JOIN unnest(
    %(external_ids)s::text[], %(places)s::bigint[], %(fingerprints)s::bytea[], %(order_ids)s::uuid[],
    %(lines)s::bigint[], %(quantities)s::bigint[]
) AS u (external_id, place, fingerprint, order_id, line, quantity)
WHERE t.tenant_id = %(tenant_id)s

-- name: files_to_erase
-- Of uploads that somebody has begun with: one that waits for a person has not come to us yet.
SELECT r.import_id, r.status IN ('queued', 'running') FROM import_run r
WHERE r.tenant_id = %(tenant_id)s AND r.status <> 'draft' AND (
    EXISTS (SELECT 1 FROM import_file f WHERE f.tenant_id = %(tenant_id)s AND f.import_id = r.import_id)
    OR EXISTS (SELECT 1 FROM import_row_error e WHERE e.tenant_id = %(tenant_id)s AND e.import_id = r.import_id)
)
ORDER BY r.import_id
FOR NO KEY UPDATE

-- name: delete_files
DELETE FROM import_file WHERE tenant_id = %(tenant_id)s AND import_id = ANY(%(import_ids)s::uuid[])

-- name: delete_row_errors
DELETE FROM import_row_error WHERE tenant_id = %(tenant_id)s AND import_id = ANY(%(import_ids)s::uuid[])
