-- What must hold of cases. Each statement only reads, and returns the rows of one merchant that break it; the number in
-- its name is that of the invariant. Parameters: tenant_id, and now where time matters.

-- name: i14_one_case_is_open_about_a_subject
SELECT c.kind, c.subject_kind, c.subject_id, count(*) AS found, 1 AS expected
FROM case_file c
WHERE c.tenant_id = %(tenant_id)s AND c.state = 'open'
GROUP BY c.kind, c.subject_kind, c.subject_id
HAVING count(*) > 1

-- name: i16_every_case_has_its_events
-- Opened is its first version, each assignment and its resolution one more.
SELECT c.case_id, c.kind, c.version AS expected, count(e.event_id) AS found
FROM case_file c
LEFT JOIN event_log e ON e.tenant_id = c.tenant_id AND e.subject_id = c.case_id
    AND e.kind IN ('cases.case_opened', 'cases.case_assigned', 'cases.case_resolved')
WHERE c.tenant_id = %(tenant_id)s
GROUP BY c.case_id, c.kind, c.version, c.state
HAVING c.version <> count(e.event_id)
    OR count(e.event_id) FILTER (WHERE e.kind = 'cases.case_opened') <> 1
    OR count(e.event_id) FILTER (WHERE e.kind = 'cases.case_resolved')
    <> CASE WHEN c.state = 'resolved' THEN 1 ELSE 0 END

-- name: i16_every_note_of_a_case_has_its_event
SELECT n.note_id, n.case_id
FROM case_note n
LEFT JOIN event_log e ON e.tenant_id = n.tenant_id AND e.subject_id = n.case_id AND e.kind = 'cases.case_noted'
    AND (e.data ->> 'note_id')::uuid = n.note_id
WHERE n.tenant_id = %(tenant_id)s AND e.event_id IS NULL

-- name: i18_cases_belong_to_people_and_notes_to_cases
SELECT 'case_file' AS what, c.case_id AS id, c.assignee_id AS of
FROM case_file c
LEFT JOIN staff p ON p.tenant_id = c.tenant_id AND p.staff_id = c.assignee_id
WHERE c.tenant_id = %(tenant_id)s AND c.assignee_id IS NOT NULL AND p.staff_id IS NULL
UNION ALL
SELECT 'case_note', n.note_id, n.case_id
FROM case_note n
LEFT JOIN case_file c ON c.tenant_id = n.tenant_id AND c.case_id = n.case_id
WHERE n.tenant_id = %(tenant_id)s AND c.case_id IS NULL
