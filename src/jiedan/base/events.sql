-- Written at the commit of every business transaction.

-- name: insert_event_log
INSERT INTO event_log (
    tenant_id, event_id, occurred_at, recorded_at, actor_kind, actor_id,
    kind, subject_kind, subject_id, request_id, data, private_hash, history
)
SELECT
    t.tenant_id, u.event_id, u.occurred_at, %(recorded_at)s, u.actor_kind, u.actor_id,
    u.kind, u.subject_kind, u.subject_id, u.request_id, u.data::jsonb, u.private_hash, u.history
FROM tenant t CROSS JOIN unnest(
    %(event_ids)s::uuid[], %(occurred_at)s::timestamptz[], %(actor_kinds)s::text[], %(actor_ids)s::text[],
    %(kinds)s::text[], %(subject_kinds)s::text[], %(subject_ids)s::uuid[], %(request_ids)s::text[],
    %(data)s::text[], %(private_hashes)s::bytea[], %(history)s::boolean[]
) AS u (
    event_id, occurred_at, actor_kind, actor_id, kind, subject_kind, subject_id, request_id, data, private_hash, history
)
WHERE t.tenant_id = %(tenant_id)s

-- name: insert_outbox
INSERT INTO outbox (tenant_id, event_id, available_at)
SELECT t.tenant_id, u.event_id, %(available_at)s
FROM tenant t CROSS JOIN unnest(%(event_ids)s::uuid[]) AS u (event_id)
WHERE t.tenant_id = %(tenant_id)s

-- name: insert_event_private
INSERT INTO event_private (tenant_id, event_id, salt, data)
SELECT t.tenant_id, u.event_id, u.salt, u.data::jsonb
FROM tenant t CROSS JOIN unnest(%(event_ids)s::uuid[], %(salts)s::bytea[], %(data)s::text[]) AS u (event_id, salt, data)
WHERE t.tenant_id = %(tenant_id)s
