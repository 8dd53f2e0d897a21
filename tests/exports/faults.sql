-- What breaks each invariant, by the name of its check in verify.sql; `check__way` where there are several ways.

-- name: i14_a_file_is_kept_whole_or_not_at_all__missing
DELETE FROM export_part WHERE tenant_id = %(tenant)s

-- name: i14_a_file_is_kept_whole_or_not_at_all__gap
UPDATE export_part SET part = 2 WHERE tenant_id = %(tenant)s

-- name: i14_a_file_is_kept_whole_or_not_at_all__empty
UPDATE export_job SET size_bytes = 0 WHERE tenant_id = %(tenant)s AND status = 'completed'

-- name: i14_a_file_is_kept_whole_or_not_at_all__given_up
UPDATE export_job SET status = 'stopped' WHERE tenant_id = %(tenant)s AND status = 'completed'

-- name: i14_a_file_is_kept_whole_or_not_at_all__begun
UPDATE export_job SET status = 'queued' WHERE tenant_id = %(tenant)s AND status = 'completed'

-- name: i14_every_order_that_was_read_is_in_the_file__lost
UPDATE export_job SET rows_written = rows_written - 1 WHERE tenant_id = %(tenant)s AND rows = 'orders' AND status = 'completed'

-- name: i14_every_order_that_was_read_is_in_the_file__doubled
UPDATE export_job SET rows_written = rows_written + 1 WHERE tenant_id = %(tenant)s AND rows = 'orders' AND status = 'completed'

-- name: i14_every_order_that_was_read_is_in_the_file__without_lines
UPDATE export_job SET rows_written = orders_read - 1 WHERE tenant_id = %(tenant)s AND rows = 'lines' AND status = 'completed'

-- name: i16_every_export_has_its_events__queued
DELETE FROM event_log WHERE tenant_id = %(tenant)s AND kind = 'exports.export_queued'

-- name: i16_every_export_has_its_events__exported
DELETE FROM event_log WHERE tenant_id = %(tenant)s AND kind = 'exports.orders_exported'
