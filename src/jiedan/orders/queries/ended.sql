-- name: last_cancellations
-- The last one of each order comes last.
SELECT e.subject_id, e.data
FROM event_log e
WHERE e.tenant_id = %(tenant_id)s AND e.subject_id = ANY(%(order_ids)s::uuid[]) AND e.kind = 'orders.lines_canceled'
ORDER BY e.subject_id, e.event_id
