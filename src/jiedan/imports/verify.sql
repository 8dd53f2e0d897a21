-- What must hold of imports. Each statement only reads, and returns the rows of one merchant that break it; the number
-- in its name is that of the invariant. Parameters: tenant_id, and now where time matters.

-- name: i14_imported_cancellations_took_effect_once
SELECT c.order_id, c.line, sum(c.quantity) AS found, coalesce(max(l.canceled), 0) AS expected
FROM imported_cancellation c
LEFT JOIN order_line l ON l.tenant_id = c.tenant_id AND l.order_id = c.order_id AND l.line = c.line
WHERE c.tenant_id = %(tenant_id)s
GROUP BY c.order_id, c.line
HAVING sum(c.quantity) > coalesce(max(l.canceled), 0)

-- name: i16_every_import_has_its_events
-- Begun, once or again; and completed, where it is.
SELECT r.import_id, r.status, x.kind AS expected
FROM import_run r
CROSS JOIN LATERAL (
    VALUES ('imports.import_started', r.rows_read > 0 OR r.status = 'completed'),
        ('imports.import_completed', r.status = 'completed')
) AS x (kind, is_due)
LEFT JOIN event_log e ON e.tenant_id = r.tenant_id AND e.subject_id = r.import_id AND e.kind = x.kind
WHERE r.tenant_id = %(tenant_id)s AND x.is_due AND e.event_id IS NULL

-- name: i18_what_was_imported_belongs_to_something
SELECT 'import_row_error' AS what, e.import_id AS of
FROM import_row_error e
LEFT JOIN import_run r ON r.tenant_id = e.tenant_id AND r.import_id = e.import_id
WHERE e.tenant_id = %(tenant_id)s AND r.import_id IS NULL
UNION ALL
SELECT 'import_file', f.import_id
FROM import_file f
LEFT JOIN import_run r ON r.tenant_id = f.tenant_id AND r.import_id = f.import_id
WHERE f.tenant_id = %(tenant_id)s AND r.import_id IS NULL
UNION ALL
SELECT 'imported_cancellation', c.order_id
FROM imported_cancellation c
LEFT JOIN order_line l ON l.tenant_id = c.tenant_id AND l.order_id = c.order_id AND l.line = c.line
WHERE c.tenant_id = %(tenant_id)s AND l.line_id IS NULL
