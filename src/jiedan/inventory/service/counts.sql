-- The writes of counts.

-- name: insert_counts
INSERT INTO stock_count (tenant_id, count_id, location_id, reference, created_at, is_applied)
SELECT t.tenant_id, u.count_id, u.location_id, u.reference, %(now)s, false
FROM tenant t CROSS JOIN unnest(%(count_ids)s::uuid[], %(location_ids)s::uuid[], %(references)s::text[])
    AS u (count_id, location_id, reference)
WHERE t.tenant_id = %(tenant_id)s

-- name: insert_count_lines
INSERT INTO stock_count_line (tenant_id, count_id, sku_id)
SELECT t.tenant_id, u.count_id, u.sku_id
FROM tenant t CROSS JOIN unnest(%(count_ids)s::uuid[], %(sku_ids)s::uuid[]) AS u (count_id, sku_id)
WHERE t.tenant_id = %(tenant_id)s

-- name: insert_tallies
INSERT INTO stock_count_tally (
    tenant_id, count_id, sku_id, round, counted, on_hand, operation_key, actor_kind, actor_id, recorded_at
)
SELECT
    t.tenant_id, u.count_id, u.sku_id, u.round, u.counted, u.on_hand, u.operation_key, %(actor_kind)s, %(actor_id)s,
    %(now)s
FROM tenant t CROSS JOIN unnest(
    %(count_ids)s::uuid[], %(sku_ids)s::uuid[], %(rounds)s::bigint[], %(counted)s::bigint[], %(on_hand)s::bigint[],
    %(operation_keys)s::text[]
) AS u (count_id, sku_id, round, counted, on_hand, operation_key)
WHERE t.tenant_id = %(tenant_id)s

-- name: close_counts
UPDATE stock_count c
SET closed_at = %(now)s, is_applied = %(is_applied)s
WHERE c.tenant_id = %(tenant_id)s AND c.count_id = ANY(%(count_ids)s::uuid[])
