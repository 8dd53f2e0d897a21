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

-- name: cases_for_update
SELECT case_id, kind, subject_kind, subject_id, state, version FROM case_file
WHERE tenant_id = %(tenant_id)s AND case_id = ANY(%(case_ids)s::uuid[])
ORDER BY case_id
FOR NO KEY UPDATE

-- name: resolve_cases
UPDATE case_file c
SET state = 'resolved', resolved_at = %(at)s, resolved_by = %(actor)s, resolution = u.resolution, version = version + 1
FROM unnest(%(case_ids)s::uuid[], %(resolutions)s::text[]) AS u (case_id, resolution)
WHERE c.tenant_id = %(tenant_id)s AND c.case_id = u.case_id AND c.state = 'open'

-- name: assign_cases
UPDATE case_file c SET assignee = %(assignee)s, version = version + 1
WHERE c.tenant_id = %(tenant_id)s AND c.case_id = ANY(%(case_ids)s::uuid[]) AND c.state = 'open'
