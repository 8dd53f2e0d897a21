-- What must hold of events and keys. Each statement only reads, and returns the rows of one merchant that break it; the
-- number in its name is that of the invariant. Parameters: tenant_id, and now where time matters.

-- name: i14_a_key_is_kept_once
SELECT k.operation, k.caller, k.key, count(*) AS found, 1 AS expected
FROM idempotency_key k
WHERE k.tenant_id = %(tenant_id)s
GROUP BY k.operation, k.caller, k.key
HAVING count(*) > 1

-- name: i14_a_key_led_to_one_subject
SELECT k.operation, k.subject_id, count(*) AS found, 1 AS expected
FROM idempotency_key k
WHERE k.tenant_id = %(tenant_id)s
GROUP BY k.operation, k.subject_id
HAVING count(*) > 1

-- name: i16_outbox_is_drained
SELECT o.event_id, o.available_at
FROM outbox o
WHERE o.tenant_id = %(tenant_id)s AND o.available_at < %(now)s::timestamptz - interval '10 minutes'

-- name: i16_dead_letters
SELECT r.handler, r.event_id, r.attempts, r.reason
FROM outbox_retry r
WHERE r.tenant_id = %(tenant_id)s AND r.dead_at IS NOT NULL

-- name: i16_every_event_is_told_or_waits
-- An event that has neither a position nor a place in the queue reaches nobody. Ids alone are compared: they stand in
-- indexes, and the log is the largest table of all.
SELECT e.event_id
FROM event_log e
LEFT JOIN event_stream s ON s.tenant_id = e.tenant_id AND s.event_id = e.event_id
LEFT JOIN outbox o ON o.tenant_id = e.tenant_id AND o.event_id = e.event_id
WHERE e.tenant_id = %(tenant_id)s AND s.event_id IS NULL AND o.event_id IS NULL

-- name: i16_positions_have_no_gap
-- They begin at 1, and the drain knows the last.
SELECT min(s.position) AS first, max(s.position) AS last, count(*) AS events, max(d.position) AS known
FROM event_stream s
LEFT JOIN drain_lease d ON d.tenant_id = s.tenant_id
WHERE s.tenant_id = %(tenant_id)s
HAVING min(s.position) <> 1 OR max(s.position) <> count(*) OR max(s.position) <> coalesce(max(d.position), 0)

-- name: i16_checks_of_the_books_are_told
SELECT b.check_id, b.ended_at
FROM books_check b
LEFT JOIN event_log e ON e.tenant_id = b.tenant_id AND e.subject_id = b.check_id AND e.kind = 'base.books_checked'
WHERE b.tenant_id = %(tenant_id)s AND (b.ended_at IS NULL) <> (e.event_id IS NULL)

-- name: i18_what_is_about_events_has_them
SELECT x.what, x.event_id
FROM (
    SELECT 'event_stream' AS what, s.event_id FROM event_stream s WHERE s.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT 'event_private', p.event_id FROM event_private p WHERE p.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT 'outbox', o.event_id FROM outbox o WHERE o.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT 'outbox_retry', r.event_id FROM outbox_retry r WHERE r.tenant_id = %(tenant_id)s
) AS x
LEFT JOIN event_log e ON e.tenant_id = %(tenant_id)s AND e.event_id = x.event_id
WHERE e.event_id IS NULL
