-- What breaks each invariant, by the name of its check in verify.sql; `check__way` where there are several ways.

-- name: i14_every_order_of_a_replay_is_counted_once__sum
UPDATE price_replay_sum SET orders = orders + 1 WHERE tenant_id = %(tenant)s AND figure = 'same'

-- name: i14_every_order_of_a_replay_is_counted_once__order
DELETE FROM price_replay_order WHERE tenant_id = %(tenant)s

-- name: i14_every_order_of_a_replay_is_counted_once__difference
UPDATE price_replay_order SET after_minor = after_minor + 1, difference_minor = difference_minor + 1
WHERE tenant_id = %(tenant)s

-- name: i16_every_replay_has_its_events__queued
DELETE FROM event_log WHERE tenant_id = %(tenant)s AND kind = 'replays.replay_queued'

-- name: i16_every_replay_has_its_events__completed
DELETE FROM event_log WHERE tenant_id = %(tenant)s AND kind = 'replays.replay_completed'
