-- Write drafts and books.

-- name: claim_turn
-- A row that is there is locked and stays as it is.
INSERT INTO price_rule_set (tenant_id, version)
SELECT t.tenant_id, 0 FROM tenant t WHERE t.tenant_id = %(tenant_id)s
ON CONFLICT (tenant_id) DO UPDATE SET version = price_rule_set.version WHERE false

-- name: raise_version
UPDATE price_rule_set SET version = version + 1 WHERE tenant_id = %(tenant_id)s RETURNING version

-- name: insert_book
INSERT INTO price_book (
    tenant_id, version, begins_at, document, examples, note, restores, published_at, actor_kind, actor_id
)
SELECT
    t.tenant_id, %(version)s, %(begins_at)s::timestamptz, %(document)s::jsonb, %(examples)s::jsonb, %(note)s,
    %(restores)s::bigint, %(at)s, %(actor_kind)s, %(actor_id)s
FROM tenant t WHERE t.tenant_id = %(tenant_id)s

-- name: insert_withdrawal
INSERT INTO price_book_withdrawal (tenant_id, version, withdrawn_at, actor_kind, actor_id)
SELECT t.tenant_id, %(version)s, %(at)s, %(actor_kind)s, %(actor_id)s
FROM tenant t WHERE t.tenant_id = %(tenant_id)s

-- name: upsert_rules
INSERT INTO price_rule (
    tenant_id, rule_id, kind, code, body, examples, version, changed_at, actor_kind, actor_id
)
SELECT
    t.tenant_id, u.rule_id, u.kind, u.code, u.body::jsonb, u.examples::jsonb, u.version, %(at)s, %(actor_kind)s,
    %(actor_id)s
FROM tenant t CROSS JOIN unnest(
    %(rule_ids)s::uuid[], %(kinds)s::text[], %(codes)s::text[], %(bodies)s::text[], %(examples)s::text[],
    %(versions)s::bigint[]
) AS u (rule_id, kind, code, body, examples, version)
WHERE t.tenant_id = %(tenant_id)s
ON CONFLICT (tenant_id, kind, code) DO UPDATE SET
    body = excluded.body, examples = excluded.examples, version = price_rule.version + 1,
    changed_at = excluded.changed_at, actor_kind = excluded.actor_kind, actor_id = excluded.actor_id

-- name: rename_rule
UPDATE price_rule SET code = %(code)s WHERE tenant_id = %(tenant_id)s AND rule_id = %(rule_id)s

-- name: delete_rules
DELETE FROM price_rule x
USING unnest(%(kinds)s::text[], %(codes)s::text[]) AS u (kind, code)
WHERE x.tenant_id = %(tenant_id)s AND x.kind = u.kind AND x.code = u.code

-- name: insert_removal
INSERT INTO price_rule_removal (tenant_id, removal_id, before, after, removed_at, actor_kind, actor_id)
SELECT t.tenant_id, %(removal_id)s, %(before)s::jsonb, %(after)s::jsonb, %(at)s, %(actor_kind)s, %(actor_id)s
FROM tenant t WHERE t.tenant_id = %(tenant_id)s

-- name: forget_removals
DELETE FROM price_rule_removal r
WHERE r.tenant_id = %(tenant_id)s AND r.removal_id IN (
    SELECT o.removal_id
    FROM price_rule_removal o
    WHERE o.tenant_id = %(tenant_id)s AND o.removed_at < %(until)s
    ORDER BY o.removed_at
    LIMIT %(most)s
    FOR UPDATE SKIP LOCKED
)

-- name: removal
SELECT r.before, r.after, r.restored_at
FROM price_rule_removal r
WHERE r.tenant_id = %(tenant_id)s AND r.removal_id = %(removal_id)s AND r.removed_at >= %(since)s

-- name: mark_restored
UPDATE price_rule_removal SET restored_at = %(at)s WHERE tenant_id = %(tenant_id)s AND removal_id = %(removal_id)s

-- name: upsert_entries
INSERT INTO price_list_entry (tenant_id, sku_id, list_code, currency, mode, min_quantities, units_minor)
SELECT
    t.tenant_id, u.sku_id, u.list_code, u.currency, u.mode,
    ARRAY(SELECT jsonb_array_elements_text(u.min_quantities::jsonb)::bigint),
    ARRAY(SELECT jsonb_array_elements_text(u.units_minor::jsonb)::bigint)
FROM tenant t CROSS JOIN unnest(
    %(sku_ids)s::uuid[], %(list_codes)s::text[], %(currencies)s::text[], %(modes)s::text[],
    %(min_quantities)s::text[], %(units_minor)s::text[]
) AS u (sku_id, list_code, currency, mode, min_quantities, units_minor)
WHERE t.tenant_id = %(tenant_id)s
ON CONFLICT (tenant_id, sku_id, list_code) DO UPDATE SET
    currency = excluded.currency, mode = excluded.mode, min_quantities = excluded.min_quantities,
    units_minor = excluded.units_minor
WHERE (price_list_entry.currency, price_list_entry.mode, price_list_entry.min_quantities, price_list_entry.units_minor)
    IS DISTINCT FROM (excluded.currency, excluded.mode, excluded.min_quantities, excluded.units_minor)
RETURNING sku_id, list_code

-- name: delete_entries
DELETE FROM price_list_entry e
USING unnest(%(sku_ids)s::uuid[], %(list_codes)s::text[]) AS u (sku_id, list_code)
WHERE e.tenant_id = %(tenant_id)s AND e.sku_id = u.sku_id AND e.list_code = u.list_code
RETURNING e.sku_id, e.list_code
