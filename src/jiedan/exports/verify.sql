-- What must hold of exports. Each statement only reads, and returns the rows of one merchant that break it; the number
-- in its name is that of the invariant. Parameters: tenant_id, and now where time matters.

-- name: i14_a_file_is_kept_whole_or_not_at_all
-- Its pieces are numbered from 1 without a gap. While it is written, any of them may be there.
SELECT j.export_id, j.status, p.parts, p.last_part
FROM export_job j
LEFT JOIN (
    SELECT x.export_id, count(*) AS parts, max(x.part) AS last_part
    FROM export_part x
    WHERE x.tenant_id = %(tenant_id)s
    GROUP BY x.export_id
) AS p ON p.export_id = j.export_id
WHERE j.tenant_id = %(tenant_id)s
    AND ((j.status = 'completed' AND (p.parts IS NULL OR p.parts <> p.last_part OR j.size_bytes = 0))
        OR (j.status IN ('queued', 'stopped') AND p.parts IS NOT NULL))

-- name: i14_every_order_that_was_read_is_in_the_file
-- A row for each order, or one for each of its lines, of which it has at least one.
SELECT j.export_id, j.rows, j.orders_read, j.rows_written
FROM export_job j
WHERE j.tenant_id = %(tenant_id)s AND j.status = 'completed'
    AND (j.rows_written < j.orders_read OR (j.rows = 'orders' AND j.rows_written > j.orders_read))

-- name: i16_every_export_has_its_events
SELECT j.export_id, x.kind AS expected
FROM export_job j
CROSS JOIN (VALUES ('exports.export_queued'), ('exports.orders_exported')) AS x (kind)
LEFT JOIN event_log e ON e.tenant_id = j.tenant_id AND e.subject_id = j.export_id AND e.kind = x.kind
WHERE j.tenant_id = %(tenant_id)s AND e.event_id IS NULL
