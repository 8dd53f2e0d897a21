-- What happened to orders, as their pages begin with it.

-- name: newest
SELECT e.event_id, e.kind, e.subject_kind, e.subject_id, e.occurred_at, e.actor_kind, e.actor_id, e.history, e.data,
    p.data
FROM event_log e
LEFT JOIN event_private p ON p.tenant_id = e.tenant_id AND p.event_id = e.event_id
WHERE e.tenant_id = %(tenant_id)s AND e.subject_id = ANY(%(subject_ids)s::uuid[]) AND e.kind <> %(unshown)s
    AND (%(is_person)s::boolean IS NULL OR (e.actor_kind = ANY(%(people)s::text[])) = %(is_person)s::boolean)
ORDER BY e.occurred_at DESC, e.event_id DESC
LIMIT %(limit)s
