-- name: dead_letters
SELECT r.handler, r.event_id, l.kind, l.subject_id, l.occurred_at, r.attempts, r.reason, r.dead_at
FROM outbox_retry r
JOIN event_log l ON l.tenant_id = r.tenant_id AND l.event_id = r.event_id
WHERE r.tenant_id = %(tenant_id)s AND r.dead_at IS NOT NULL
ORDER BY r.handler, r.event_id LIMIT %(limit)s

-- name: requeue
UPDATE outbox_retry r SET dead_at = NULL, attempts = 0, available_at = %(now)s
FROM unnest(%(handlers)s::text[], %(event_ids)s::uuid[]) AS u (handler, event_id)
WHERE r.tenant_id = %(tenant_id)s AND r.handler = u.handler AND r.event_id = u.event_id AND r.dead_at IS NOT NULL
