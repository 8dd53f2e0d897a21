-- name: open_cases
INSERT INTO case_file (tenant_id, case_id, kind, subject_kind, subject_id, state, data, opened_at, version)
SELECT t.tenant_id, u.case_id, u.kind, u.subject_kind, u.subject_id, 'open', u.data::jsonb, %(at)s, 1
FROM tenant t CROSS JOIN unnest(
    %(case_ids)s::uuid[], %(kinds)s::text[], %(subject_kinds)s::text[], %(subject_ids)s::uuid[], %(data)s::text[]
) AS u (case_id, kind, subject_kind, subject_id, data)
WHERE t.tenant_id = %(tenant_id)s
ON CONFLICT (tenant_id, kind, subject_kind, subject_id) WHERE state = 'open' DO NOTHING
RETURNING case_id

-- name: open_cases_of
SELECT c.kind, c.subject_kind, c.subject_id, c.case_id
FROM unnest(%(kinds)s::text[], %(subject_kinds)s::text[], %(subject_ids)s::uuid[]) AS u (kind, subject_kind, subject_id)
JOIN case_file c ON c.tenant_id = %(tenant_id)s AND c.kind = u.kind AND c.subject_kind = u.subject_kind
    AND c.subject_id = u.subject_id AND c.state = 'open'

-- name: cases_about
SELECT case_id, kind, subject_kind, subject_id, state, data, opened_at, assignee_id, resolved_at, resolved_by,
    resolution, version
FROM case_file
WHERE tenant_id = %(tenant_id)s AND subject_id = ANY(%(subject_ids)s::uuid[])
ORDER BY opened_at DESC, case_id DESC

-- name: open_with_order
-- Open cases of a kind about other things that name orders.
SELECT case_id, kind, subject_kind, subject_id, state, data, opened_at, assignee_id, resolved_at, resolved_by,
    resolution, version
FROM case_file
WHERE tenant_id = %(tenant_id)s AND state = 'open' AND kind = %(kind)s
    AND data ->> 'order_id' = ANY(%(order_ids)s::text[])
ORDER BY case_id

-- name: cases_for_update
SELECT case_id, kind, subject_kind, subject_id, state, assignee_id, version FROM case_file
WHERE tenant_id = %(tenant_id)s AND case_id = ANY(%(case_ids)s::uuid[])
ORDER BY case_id
FOR NO KEY UPDATE

-- name: resolve_cases
UPDATE case_file c
SET state = 'resolved', resolved_at = %(at)s, resolved_by = %(actor)s, resolution = u.resolution,
    version = c.version + 1
FROM unnest(%(case_ids)s::uuid[], %(resolutions)s::text[]) AS u (case_id, resolution)
WHERE c.tenant_id = %(tenant_id)s AND c.case_id = u.case_id AND c.state = 'open'

-- name: assign_cases
UPDATE case_file c SET assignee_id = u.assignee_id, version = c.version + 1
FROM unnest(%(case_ids)s::uuid[], %(assignee_ids)s::uuid[]) AS u (case_id, assignee_id)
WHERE c.tenant_id = %(tenant_id)s AND c.case_id = u.case_id AND c.state = 'open'

-- name: insert_notes
INSERT INTO case_note (tenant_id, note_id, case_id, text, written_at, author_kind, author_id)
SELECT t.tenant_id, u.note_id, u.case_id, u.text, %(at)s, %(actor_kind)s, %(actor_id)s
FROM tenant t CROSS JOIN unnest(%(note_ids)s::uuid[], %(case_ids)s::uuid[], %(texts)s::text[])
    AS u (note_id, case_id, text)
WHERE t.tenant_id = %(tenant_id)s

-- name: notes_of
SELECT note_id, case_id, text, written_at, author_kind, author_id FROM case_note
WHERE tenant_id = %(tenant_id)s AND case_id = ANY(%(case_ids)s::uuid[])
ORDER BY case_id, note_id

-- name: open_cases_by_kind
SELECT c.kind, count(*) FROM (
    SELECT f.kind FROM case_file f
    WHERE f.tenant_id = %(tenant_id)s AND f.state = 'open'
    ORDER BY f.opened_at DESC
    LIMIT %(limit)s
) AS c
GROUP BY c.kind
ORDER BY c.kind

-- name: cases_to_erase
SELECT c.case_id FROM case_file c
WHERE c.tenant_id = %(tenant_id)s AND c.subject_id = ANY(%(subject_ids)s::uuid[])
ORDER BY c.case_id
FOR NO KEY UPDATE

-- name: erase_notes
UPDATE case_note SET text = %(erased)s
WHERE tenant_id = %(tenant_id)s AND case_id = ANY(%(case_ids)s::uuid[])

-- name: erase_resolutions
UPDATE case_file SET resolution = %(erased)s
WHERE tenant_id = %(tenant_id)s AND case_id = ANY(%(case_ids)s::uuid[]) AND resolution IS NOT NULL

-- name: count_open_about
SELECT c.kind, count(*) FROM case_file c
WHERE c.tenant_id = %(tenant_id)s AND c.subject_id = ANY(%(subject_ids)s::uuid[]) AND c.state = 'open'
GROUP BY c.kind
ORDER BY c.kind
