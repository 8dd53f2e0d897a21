-- What must hold of events, keys and numbers; see the checks of the modules for what the rows mean.

-- name: i02_numbers_are_below_the_next_one
-- A process leases numbers before it uses them, so every order number counts towards its series.
SELECT n.series, n.next_number AS found, x.used + 1 AS expected
FROM number_series n
CROSS JOIN (SELECT count(*) AS used FROM orders o WHERE o.tenant_id = %(tenant_id)s) AS x
WHERE n.tenant_id = %(tenant_id)s AND n.series = 'order' AND n.next_number < x.used + 1

-- name: i14_a_key_led_to_one_subject
SELECT k.operation, k.subject_id, count(*) AS found, 1 AS expected
FROM idempotency_key k
WHERE k.tenant_id = %(tenant_id)s
GROUP BY k.operation, k.subject_id
HAVING count(*) > 1

-- name: i16_outbox_is_drained
SELECT o.event_id, o.available_at
FROM outbox o
WHERE o.tenant_id = %(tenant_id)s AND o.available_at < %(now)s - interval '10 minutes'

-- name: i16_dead_letters
SELECT r.handler, r.event_id, r.attempts, r.reason
FROM outbox_retry r
WHERE r.tenant_id = %(tenant_id)s AND r.dead_at IS NOT NULL

-- name: i16_positions_have_no_gap
SELECT max(s.position) AS found, count(*) AS expected
FROM event_stream s
WHERE s.tenant_id = %(tenant_id)s
HAVING max(s.position) <> count(*)

-- name: i18_events_of_the_stream_exist
SELECT s.position, s.event_id
FROM event_stream s
LEFT JOIN event_log e ON e.tenant_id = s.tenant_id AND e.event_id = s.event_id
WHERE s.tenant_id = %(tenant_id)s AND e.event_id IS NULL
