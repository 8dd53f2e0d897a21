-- What breaks each invariant, by the name of its check in verify.sql.

-- name: i02_numbers_are_below_the_next_one
UPDATE number_series SET next_number = 1 WHERE tenant_id = %(tenant)s

-- name: i14_a_key_led_to_one_subject
INSERT INTO idempotency_key (tenant_id, operation, caller, key, fingerprint, subject_id, created_at)
SELECT tenant_id, operation, caller, key || '-twice', fingerprint, subject_id, created_at
FROM idempotency_key WHERE tenant_id = %(tenant)s

-- name: i16_outbox_is_drained
UPDATE outbox SET available_at = available_at - interval '1 hour' WHERE tenant_id = %(tenant)s

-- name: i16_dead_letters
INSERT INTO outbox_retry (tenant_id, handler, event_id, attempts, available_at, reason, dead_at)
SELECT tenant_id, 'x.y', event_id, 15, recorded_at, 'It failed.', recorded_at FROM event_log WHERE tenant_id = %(tenant)s

-- name: i16_positions_have_no_gap
INSERT INTO event_stream (tenant_id, position, event_id)
SELECT tenant_id, 9, event_id FROM event_log WHERE tenant_id = %(tenant)s LIMIT 1

-- name: i18_events_of_the_stream_exist
INSERT INTO event_stream (tenant_id, position, event_id) VALUES (%(tenant)s, 1, %(tenant)s)
