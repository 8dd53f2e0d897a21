-- What breaks each invariant, by the name of its check in verify.sql; `check__way` where there are several ways.

-- name: i14_a_key_is_kept_once
UPDATE idempotency_key SET key = 'again' WHERE tenant_id = %(tenant)s

-- name: i14_a_key_led_to_one_subject
INSERT INTO idempotency_key (tenant_id, operation, caller, key, fingerprint, subject_id, created_at)
SELECT tenant_id, operation, caller, key || '-twice', fingerprint, subject_id, created_at
FROM idempotency_key WHERE tenant_id = %(tenant)s

-- name: i16_outbox_is_drained
UPDATE outbox SET available_at = available_at - interval '1 hour' WHERE tenant_id = %(tenant)s

-- name: i16_dead_letters
INSERT INTO outbox_retry (tenant_id, handler, event_id, attempts, available_at, reason, dead_at)
SELECT tenant_id, 'x.y', event_id, 15, recorded_at, 'It failed.', recorded_at FROM event_log WHERE tenant_id = %(tenant)s

-- name: i16_every_event_is_told_or_waits
DELETE FROM outbox WHERE tenant_id = %(tenant)s

-- name: i16_positions_have_no_gap
DELETE FROM event_stream WHERE tenant_id = %(tenant)s AND position = 2

-- name: i16_positions_have_no_gap__not_from_one
UPDATE event_stream SET position = position + 100 WHERE tenant_id = %(tenant)s

-- name: i16_positions_have_no_gap__unknown_to_the_drain
UPDATE drain_lease SET position = 0 WHERE tenant_id = %(tenant)s

-- name: i16_checks_of_the_books_are_told
INSERT INTO books_check (tenant_id, check_id, asked_at, actor_kind, actor_id, ended_at, questions, findings)
SELECT tenant_id, event_id, recorded_at, 'system', 'books', recorded_at, 1, '[]' FROM event_log
WHERE tenant_id = %(tenant)s LIMIT 1

-- name: i18_what_is_about_events_has_them__stream
UPDATE event_stream SET event_id = %(tenant)s WHERE tenant_id = %(tenant)s AND position = 1

-- name: i18_what_is_about_events_has_them__private
INSERT INTO event_private (tenant_id, event_id, salt, data) VALUES (%(tenant)s, %(tenant)s, '', '{}')

-- name: i18_what_is_about_events_has_them__outbox
UPDATE outbox SET event_id = %(tenant)s
WHERE tenant_id = %(tenant)s AND event_id = (SELECT min(o.event_id::text)::uuid FROM outbox o WHERE o.tenant_id = %(tenant)s)

-- name: i18_what_is_about_events_has_them__retry
INSERT INTO outbox_retry (tenant_id, handler, event_id, attempts, available_at, reason)
VALUES (%(tenant)s, 'x.y', %(tenant)s, 1, %(now)s, 'It failed.')
