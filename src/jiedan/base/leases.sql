-- The drain of one tenant. The row of drain_lease is locked first, always.

-- name: make_lease
INSERT INTO drain_lease (tenant_id, holder, leased_until, position)
SELECT t.tenant_id, '', %(now)s, 0 FROM tenant t WHERE t.tenant_id = %(tenant_id)s
ON CONFLICT (tenant_id) DO NOTHING

-- name: take_lease
UPDATE drain_lease SET holder = %(holder)s, leased_until = %(until)s
WHERE tenant_id = %(tenant_id)s AND tenant_id IN (
    SELECT l.tenant_id FROM drain_lease l
    WHERE l.tenant_id = %(tenant_id)s
      AND (l.holder = %(holder)s OR l.leased_until <= %(now)s OR l.leased_until > %(unbelievable)s)
    FOR NO KEY UPDATE SKIP LOCKED
)
RETURNING position

-- name: hold_lease
SELECT position FROM drain_lease
WHERE tenant_id = %(tenant_id)s AND holder = %(holder)s
FOR NO KEY UPDATE

-- name: share_lease
SELECT position FROM drain_lease
WHERE tenant_id = %(tenant_id)s AND holder = %(holder)s
FOR SHARE

-- name: set_lease
UPDATE drain_lease SET position = %(position)s, leased_until = %(until)s
WHERE tenant_id = %(tenant_id)s AND holder = %(holder)s

-- name: due_events
SELECT o.event_id FROM outbox o
WHERE o.tenant_id = %(tenant_id)s AND o.available_at <= %(now)s
ORDER BY o.event_id LIMIT %(limit)s

-- name: positions
SELECT s.event_id, s.position FROM event_stream s
WHERE s.tenant_id = %(tenant_id)s AND s.event_id = ANY(%(event_ids)s::uuid[])

-- Events of which nobody wants to hear are not read.
-- name: load_events
SELECT
    l.event_id, l.occurred_at, l.recorded_at, l.actor_kind, l.actor_id,
    l.kind, l.subject_kind, l.subject_id, l.request_id, l.data, l.history
FROM event_log l
WHERE l.tenant_id = %(tenant_id)s AND l.event_id = ANY(%(event_ids)s::uuid[]) AND l.kind <> ALL(%(silent)s::text[])
ORDER BY l.event_id

-- name: load_retries
SELECT
    r.handler, r.attempts,
    l.event_id, s.position, l.occurred_at, l.recorded_at, l.actor_kind, l.actor_id,
    l.kind, l.subject_kind, l.subject_id, l.request_id, l.data, l.history
FROM outbox_retry r
JOIN event_log l ON l.tenant_id = r.tenant_id AND l.event_id = r.event_id
JOIN event_stream s ON s.tenant_id = r.tenant_id AND s.event_id = r.event_id
WHERE r.tenant_id = %(tenant_id)s AND r.dead_at IS NULL AND r.available_at <= %(now)s
ORDER BY r.available_at, r.handler, r.event_id LIMIT %(limit)s

-- name: insert_positions
INSERT INTO event_stream (tenant_id, position, event_id)
SELECT t.tenant_id, u.position, u.event_id
FROM tenant t CROSS JOIN unnest(%(positions)s::bigint[], %(event_ids)s::uuid[]) AS u (position, event_id)
WHERE t.tenant_id = %(tenant_id)s

-- name: delete_handed_out
DELETE FROM outbox WHERE tenant_id = %(tenant_id)s AND event_id = ANY(%(event_ids)s::uuid[])

-- name: save_failures
INSERT INTO outbox_retry (tenant_id, handler, event_id, attempts, available_at, reason, dead_at)
SELECT t.tenant_id, u.handler, u.event_id, u.attempts, u.available_at, u.reason, u.dead_at
FROM tenant t CROSS JOIN unnest(
    %(handlers)s::text[], %(event_ids)s::uuid[], %(attempts)s::bigint[], %(available_at)s::timestamptz[],
    %(reasons)s::text[], %(dead_at)s::timestamptz[]
) AS u (handler, event_id, attempts, available_at, reason, dead_at)
WHERE t.tenant_id = %(tenant_id)s
ON CONFLICT (tenant_id, handler, event_id) DO UPDATE SET
    attempts = excluded.attempts, available_at = excluded.available_at,
    reason = excluded.reason, dead_at = excluded.dead_at

-- name: delete_retries
DELETE FROM outbox_retry
WHERE tenant_id = %(tenant_id)s AND handler = %(handler)s AND event_id = ANY(%(event_ids)s::uuid[])
