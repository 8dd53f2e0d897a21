-- What breaks each invariant, by the name of its check in verify.sql; `check__way` where there are several ways.

-- name: i14_one_case_is_open_about_a_subject
UPDATE case_file SET subject_id = %(tenant)s WHERE tenant_id = %(tenant)s

-- name: i16_every_case_has_its_events__opened
DELETE FROM event_log WHERE tenant_id = %(tenant)s AND kind = 'cases.case_opened'

-- name: i16_every_case_has_its_events__assigned
UPDATE case_file SET version = version + 1 WHERE tenant_id = %(tenant)s

-- name: i16_every_case_has_its_events__resolved
UPDATE case_file SET state = 'resolved' WHERE tenant_id = %(tenant)s

-- name: i16_every_note_of_a_case_has_its_event
DELETE FROM event_log WHERE tenant_id = %(tenant)s AND kind = 'cases.case_noted'

-- name: i18_cases_belong_to_people_and_notes_to_cases__person
UPDATE case_file SET assignee_id = case_id WHERE tenant_id = %(tenant)s

-- name: i18_cases_belong_to_people_and_notes_to_cases__note
UPDATE case_note SET case_id = note_id WHERE tenant_id = %(tenant)s
