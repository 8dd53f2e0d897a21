-- Replays are written once, their figures and orders set by set.

-- name: insert_replay
-- One at a time: whoever comes second, also at the very same moment, inserts nothing.
INSERT INTO price_replay (
    tenant_id, replay_id, days, from_at, until_at, locale, status, total, done, after_at, after_id, document,
    base_version, changes, stopped_by, actor_kind, actor_id, created_at, updated_at
)
SELECT
    t.tenant_id, %(replay_id)s, %(days)s, %(from_at)s, %(until_at)s, %(locale)s, 'queued', %(total)s, 0, %(from_at)s,
    %(after_id)s, %(document)s::jsonb, %(base_version)s, %(changes)s, '', %(actor_kind)s, %(actor_id)s, %(now)s, %(now)s
FROM tenant t
WHERE t.tenant_id = %(tenant_id)s
ON CONFLICT (tenant_id) WHERE status IN ('queued', 'running') DO NOTHING

-- name: add_sums
INSERT INTO price_replay_sum AS s (
    tenant_id, replay_id, figure, subject, currency, orders, before_minor, after_minor, difference_minor
)
SELECT
    t.tenant_id, %(replay_id)s, u.figure, u.subject, u.currency, u.orders, u.before_minor, u.after_minor,
    u.after_minor - u.before_minor
FROM tenant t CROSS JOIN unnest(
    %(figures)s::text[], %(subjects)s::text[], %(currencies)s::text[], %(orders)s::bigint[],
    %(before_minors)s::bigint[], %(after_minors)s::bigint[]
) AS u (figure, subject, currency, orders, before_minor, after_minor)
WHERE t.tenant_id = %(tenant_id)s
ON CONFLICT (tenant_id, replay_id, figure, subject, currency) DO UPDATE SET
    orders = s.orders + excluded.orders,
    before_minor = s.before_minor + excluded.before_minor,
    after_minor = s.after_minor + excluded.after_minor,
    difference_minor = s.difference_minor + excluded.difference_minor

-- name: insert_orders
INSERT INTO price_replay_order (
    tenant_id, replay_id, order_id, outcome, currency, before_minor, after_minor, difference_minor, code, detail
)
SELECT
    t.tenant_id, %(replay_id)s, u.order_id, u.outcome, u.currency, u.before_minor, u.after_minor,
    u.after_minor - u.before_minor, u.code, u.detail
FROM tenant t CROSS JOIN unnest(
    %(order_ids)s::uuid[], %(outcomes)s::text[], %(currencies)s::text[], %(before_minors)s::bigint[],
    %(after_minors)s::bigint[], %(codes)s::text[], %(details)s::text[]
) AS u (order_id, outcome, currency, before_minor, after_minor, code, detail)
WHERE t.tenant_id = %(tenant_id)s

-- name: old_replays
-- One that is under way is never old: it was asked for by somebody who waits.
SELECT r.replay_id
FROM price_replay r
WHERE r.tenant_id = %(tenant_id)s AND r.updated_at < %(before)s AND r.status NOT IN ('queued', 'running')
ORDER BY r.replay_id
LIMIT %(most)s
FOR NO KEY UPDATE

-- name: delete_orders_of
DELETE FROM price_replay_order WHERE tenant_id = %(tenant_id)s AND replay_id = ANY(%(replay_ids)s::uuid[])

-- name: delete_sums_of
DELETE FROM price_replay_sum WHERE tenant_id = %(tenant_id)s AND replay_id = ANY(%(replay_ids)s::uuid[])

-- name: delete_replays
DELETE FROM price_replay WHERE tenant_id = %(tenant_id)s AND replay_id = ANY(%(replay_ids)s::uuid[])
