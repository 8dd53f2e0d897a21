-- What breaks each invariant, by the name of its check in verify.sql; `check__way` where there are several ways.

-- name: i14_every_order_of_a_job_was_dealt_with_once__counted
UPDATE bulk_job SET done = done - 1, failed = failed + 1 WHERE tenant_id = %(tenant)s

-- name: i14_every_order_of_a_job_was_dealt_with_once__item
UPDATE bulk_item SET status = 'failed', code = 'x' WHERE tenant_id = %(tenant)s AND place = 1

-- name: i16_every_bulk_job_has_its_events__queued
DELETE FROM event_log WHERE tenant_id = %(tenant)s AND kind = 'bulk.job_queued'

-- name: i16_every_bulk_job_has_its_events__completed
DELETE FROM event_log WHERE tenant_id = %(tenant)s AND kind = 'bulk.job_completed'
