-- name: last_cancellations
-- Of those at the moment the order ended the last one comes last. Ids alone do not tell which of all was the last: one
-- that waited for another may have begun before it.
SELECT e.subject_id, e.data
FROM orders o
JOIN event_log e ON e.tenant_id = o.tenant_id AND e.subject_id = o.order_id AND e.occurred_at = o.canceled_at
WHERE o.tenant_id = %(tenant_id)s AND o.order_id = ANY(%(order_ids)s::uuid[]) AND e.kind = 'orders.lines_canceled'
ORDER BY e.subject_id, e.event_id
