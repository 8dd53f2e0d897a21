-- What breaks each invariant, by the name of its check in verify.sql; `check__way` where there are several ways.

-- name: i14_imported_cancellations_took_effect_once
INSERT INTO imported_cancellation (tenant_id, external_id, place, fingerprint, order_id, line, quantity, created_at)
SELECT tenant_id, 'C2', place, fingerprint, order_id, line, 1, created_at
FROM imported_cancellation WHERE tenant_id = %(tenant)s

-- name: i16_every_import_has_its_events__started
DELETE FROM event_log WHERE tenant_id = %(tenant)s AND kind = 'imports.import_started'

-- name: i16_every_import_has_its_events__completed
DELETE FROM event_log WHERE tenant_id = %(tenant)s AND kind = 'imports.import_completed'

-- name: i18_what_was_imported_belongs_to_something__row
DELETE FROM import_run WHERE tenant_id = %(tenant)s

-- name: i18_what_was_imported_belongs_to_something__file
INSERT INTO import_file (tenant_id, import_id, content) VALUES (%(tenant)s, %(tenant)s, '')

-- name: i18_what_was_imported_belongs_to_something__cancellation
UPDATE imported_cancellation SET line = 77 WHERE tenant_id = %(tenant)s
