-- name: requeue
UPDATE outbox_retry r SET dead_at = NULL, attempts = 0, available_at = %(now)s
FROM unnest(%(handlers)s::text[], %(event_ids)s::uuid[]) AS u (handler, event_id)
WHERE r.tenant_id = %(tenant_id)s AND r.handler = u.handler AND r.event_id = u.event_id AND r.dead_at IS NOT NULL
RETURNING r.handler, r.event_id

-- name: discard
DELETE FROM outbox_retry r
USING unnest(%(handlers)s::text[], %(event_ids)s::uuid[]) AS u (handler, event_id)
WHERE r.tenant_id = %(tenant_id)s AND r.handler = u.handler AND r.event_id = u.event_id AND r.dead_at IS NOT NULL
RETURNING r.handler, r.event_id
