-- Written at the commit of every business transaction.

-- What all events of a transaction have alike comes as one value; its list is empty then.
-- name: insert_event_log
INSERT INTO event_log (
    tenant_id, event_id, occurred_at, recorded_at, actor_kind, actor_id,
    kind, subject_kind, subject_id, request_id, data, private_hash, history
)
SELECT
    t.tenant_id, u.event_id, u.occurred_at, %(recorded_at)s, coalesce(u.actor_kind, %(actor_kind)s),
    coalesce(u.actor_id, %(actor_id)s), u.kind, coalesce(u.subject_kind, %(subject_kind)s), u.subject_id,
    coalesce(u.request_id, %(request_id)s), u.data::jsonb, u.private_hash, coalesce(u.history, %(history)s)
FROM tenant t CROSS JOIN unnest(
    %(event_ids)s::uuid[], %(occurred_at)s::timestamptz[], %(actor_kind_each)s::text[], %(actor_id_each)s::text[],
    %(kinds)s::text[], %(subject_kind_each)s::text[], %(subject_ids)s::uuid[], %(request_id_each)s::text[],
    %(data)s::text[], %(private_hashes)s::bytea[], %(history_each)s::boolean[]
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
