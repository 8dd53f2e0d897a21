-- Books of rules: which one is in force, one by its number, and the drafts that the next is made of.

-- name: last_version
SELECT r.version FROM price_rule_set r WHERE r.tenant_id = %(tenant_id)s

-- name: version_in_force
SELECT b.version
FROM price_book b
LEFT JOIN price_book_withdrawal w ON w.tenant_id = b.tenant_id AND w.version = b.version
WHERE b.tenant_id = %(tenant_id)s AND w.version IS NULL AND (b.begins_at IS NULL OR b.begins_at <= %(at)s)
ORDER BY b.version DESC
LIMIT 1

-- name: version_then
-- Which one was in force at a moment of the past, or will be at one to come by what is published now.
SELECT b.version
FROM price_book b
LEFT JOIN price_book_withdrawal w ON w.tenant_id = b.tenant_id AND w.version = b.version
WHERE b.tenant_id = %(tenant_id)s AND w.version IS NULL AND b.published_at <= %(at)s
    AND (b.begins_at IS NULL OR b.begins_at <= %(at)s)
ORDER BY b.version DESC
LIMIT 1

-- name: book
SELECT
    b.version, b.begins_at, b.note, b.restores, b.published_at, b.actor_kind, b.actor_id, w.withdrawn_at,
    b.document, b.examples
FROM price_book b
LEFT JOIN price_book_withdrawal w ON w.tenant_id = b.tenant_id AND w.version = b.version
WHERE b.tenant_id = %(tenant_id)s AND b.version = %(version)s

-- name: last_book
-- The newest that was not taken back: what drafts are compared with.
SELECT
    b.version, b.begins_at, b.note, b.restores, b.published_at, b.actor_kind, b.actor_id, w.withdrawn_at,
    b.document, b.examples
FROM price_book b
LEFT JOIN price_book_withdrawal w ON w.tenant_id = b.tenant_id AND w.version = b.version
WHERE b.tenant_id = %(tenant_id)s AND w.version IS NULL
ORDER BY b.version DESC
LIMIT 1

-- name: books
SELECT
    b.version, b.begins_at, b.note, b.restores, b.published_at, b.actor_kind, b.actor_id, w.withdrawn_at
FROM price_book b
LEFT JOIN price_book_withdrawal w ON w.tenant_id = b.tenant_id AND w.version = b.version
WHERE b.tenant_id = %(tenant_id)s AND (%(before)s::bigint IS NULL OR b.version < %(before)s)
ORDER BY b.version DESC
LIMIT %(most)s

-- name: draft_rules
SELECT x.rule_id, x.kind, x.code, x.body, x.examples, x.version, x.changed_at, x.actor_kind, x.actor_id
FROM price_rule x
WHERE x.tenant_id = %(tenant_id)s AND (%(kinds)s::text[] IS NULL OR x.kind = ANY(%(kinds)s))
ORDER BY x.kind, x.code

-- name: rules_by_code
SELECT x.rule_id, x.kind, x.code, x.body, x.examples, x.version, x.changed_at, x.actor_kind, x.actor_id
FROM price_rule x
WHERE x.tenant_id = %(tenant_id)s AND x.kind = %(kind)s AND x.code = ANY(%(codes)s::text[])

-- name: rule_count
SELECT count(*) FROM (
    SELECT 1 FROM price_rule x WHERE x.tenant_id = %(tenant_id)s LIMIT %(most)s::bigint
) AS counted

-- name: draft_rule
SELECT x.rule_id, x.kind, x.code, x.body, x.examples, x.version, x.changed_at, x.actor_kind, x.actor_id
FROM price_rule x
WHERE x.tenant_id = %(tenant_id)s AND x.rule_id = %(rule_id)s

-- name: removals
SELECT
    r.removal_id, ARRAY(SELECT x ->> 'kind' FROM jsonb_array_elements(r.before || r.after) AS x),
    ARRAY(SELECT x ->> 'code' FROM jsonb_array_elements(r.before || r.after) AS x),
    r.removed_at, r.actor_kind, r.actor_id, r.restored_at
FROM price_rule_removal r
WHERE r.tenant_id = %(tenant_id)s AND r.removed_at >= %(since)s
ORDER BY r.removed_at DESC, r.removal_id DESC
LIMIT %(most)s

-- name: list_prices
SELECT s.code, e.list_code, e.currency, e.mode, e.min_quantities, e.units_minor
FROM sku s
JOIN price_list_entry e ON e.tenant_id = s.tenant_id AND e.sku_id = s.sku_id
WHERE s.tenant_id = %(tenant_id)s AND s.code = ANY(%(codes)s::text[])
    AND (%(currencies)s::text[] IS NULL OR e.currency = ANY(%(currencies)s))
ORDER BY s.code, e.list_code

-- name: list_currencies
SELECT DISTINCT e.list_code, e.currency FROM price_list_entry e WHERE e.tenant_id = %(tenant_id)s

-- name: entries_of_list
SELECT s.code, e.list_code, e.currency, e.mode, e.min_quantities, e.units_minor
FROM price_list_entry e
JOIN sku s ON s.tenant_id = e.tenant_id AND s.sku_id = e.sku_id
WHERE e.tenant_id = %(tenant_id)s AND e.list_code = %(list_code)s
    AND (%(after)s::text IS NULL OR s.code > %(after)s)
ORDER BY s.code
LIMIT %(most)s

-- name: entries_before
-- The same from the other end, for the way back through the pages.
SELECT s.code, e.list_code, e.currency, e.mode, e.min_quantities, e.units_minor
FROM price_list_entry e
JOIN sku s ON s.tenant_id = e.tenant_id AND s.sku_id = e.sku_id
WHERE e.tenant_id = %(tenant_id)s AND e.list_code = %(list_code)s
    AND (%(before)s::text IS NULL OR s.code < %(before)s)
ORDER BY s.code DESC
LIMIT %(most)s
