-- What must hold of what is told of orders. Each statement only reads, and returns the rows of one merchant that break
-- it; the number in its name is that of the invariant. Parameters: tenant_id, and now where time matters.

-- name: i16_every_order_has_its_events
-- Placed, canceled, completed: each at least once, for one that was ended may have been opened again.
SELECT o.order_id, o.number, x.kind AS expected
FROM orders o
CROSS JOIN LATERAL (
    VALUES ('orders.order_placed', true),
        ('orders.order_canceled', o.lifecycle = 'canceled'),
        ('orders.order_completed', o.lifecycle = 'completed')
) AS x (kind, is_due)
LEFT JOIN event_log e ON e.tenant_id = o.tenant_id AND e.subject_id = o.order_id AND e.kind = x.kind
    AND e.kind IN ('orders.order_placed', 'orders.order_canceled', 'orders.order_completed')
WHERE o.tenant_id = %(tenant_id)s AND x.is_due AND e.event_id IS NULL

-- name: i16_every_edit_of_an_order_has_its_event
SELECT o.order_id, o.number, o.version - 1 AS found, coalesce(e.edits, 0) AS expected
FROM orders o
LEFT JOIN (
    SELECT x.subject_id, count(*) AS edits
    FROM event_log x
    WHERE x.tenant_id = %(tenant_id)s
        AND x.kind IN ('orders.order_edited', 'orders.order_assigned', 'orders.order_unassigned')
    GROUP BY x.subject_id
) AS e ON e.subject_id = o.order_id
WHERE o.tenant_id = %(tenant_id)s AND o.version - 1 <> coalesce(e.edits, 0)

-- name: i16_what_was_canceled_or_performed_was_told
-- Line by line. Opening an order again takes back what the cancellation gave up that ended it.
SELECT c.line_id, sum(c.canceled) AS canceled, sum(c.told_canceled) AS told_canceled,
    sum(c.performed) AS performed, sum(c.told_performed) AS told_performed
FROM (
    SELECT l.line_id, l.canceled, l.performed, 0 AS told_canceled, 0 AS told_performed
    FROM order_line l
    WHERE l.tenant_id = %(tenant_id)s AND l.canceled + l.performed > 0
    UNION ALL
    SELECT (x.line ->> 'line_id')::uuid, 0, 0,
        CASE e.kind WHEN 'orders.lines_canceled' THEN 1 ELSE -1 END * (x.line ->> 'quantity')::bigint, 0
    FROM event_log e
    CROSS JOIN LATERAL jsonb_array_elements(e.data -> 'lines') AS x (line)
    WHERE e.tenant_id = %(tenant_id)s AND e.kind IN ('orders.lines_canceled', 'orders.order_reopened')
    UNION ALL
    SELECT (x.line ->> 'line_id')::uuid, 0, 0, 0, (x.line ->> 'quantity')::bigint
    FROM event_log e
    CROSS JOIN LATERAL jsonb_array_elements(e.data -> 'lines') AS x (line)
    WHERE e.tenant_id = %(tenant_id)s AND e.kind = 'orders.services_performed'
) AS c
GROUP BY c.line_id
HAVING sum(c.canceled) <> sum(c.told_canceled) OR sum(c.performed) <> sum(c.told_performed)

-- name: i16_every_hold_has_its_events
-- Placed, and lifted where it was.
SELECT c.hold_id, c.kind, sum(c.done) AS expected, sum(c.told) AS found
FROM (
    SELECT h.hold_id, 'orders.hold_placed' AS kind, 1 AS done, 0 AS told
    FROM order_hold h
    WHERE h.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT h.hold_id, 'orders.hold_lifted', 1, 0
    FROM order_hold h
    WHERE h.tenant_id = %(tenant_id)s AND h.lifted_at IS NOT NULL
    UNION ALL
    SELECT (e.data ->> 'hold_id')::uuid, e.kind, 0, 1
    FROM event_log e
    WHERE e.tenant_id = %(tenant_id)s AND e.kind IN ('orders.hold_placed', 'orders.hold_lifted')
) AS c
GROUP BY c.hold_id, c.kind
HAVING sum(c.done) <> sum(c.told)
