-- What must hold of imports. Each statement only reads, and returns the rows of one merchant that break it; the number
-- in its name is that of the invariant. Parameters: tenant_id, and now where time matters.

-- name: i14_imported_cancellations_took_effect_once
SELECT c.order_id, c.line, sum(c.quantity) AS found, coalesce(max(l.canceled), 0) AS expected
FROM imported_cancellation c
LEFT JOIN order_line l ON l.tenant_id = c.tenant_id AND l.order_id = c.order_id AND l.line = c.line
WHERE c.tenant_id = %(tenant_id)s
GROUP BY c.order_id, c.line
HAVING sum(c.quantity) > coalesce(max(l.canceled), 0)

-- name: i18_refused_rows_belong_to_imports
SELECT e.import_id, e.row_number
FROM import_row_error e
LEFT JOIN import_run r ON r.tenant_id = e.tenant_id AND r.import_id = e.import_id
WHERE e.tenant_id = %(tenant_id)s AND r.import_id IS NULL
