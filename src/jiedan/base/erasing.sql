-- What erasing a person takes out of the tables of base.

-- name: delete_private
-- The log keeps the salted hash of what was there, so it still verifies.
DELETE FROM event_private p
USING event_log e
WHERE p.tenant_id = %(tenant_id)s AND e.tenant_id = %(tenant_id)s AND e.event_id = p.event_id
    AND e.subject_id = ANY(%(subject_ids)s::uuid[])

-- name: delete_keys
-- A fingerprint is of a whole request, with the person in it.
DELETE FROM idempotency_key k
WHERE k.tenant_id = %(tenant_id)s
    AND (k.subject_id = ANY(%(subject_ids)s::uuid[]) OR k.caller = ANY(%(callers)s::text[]))
