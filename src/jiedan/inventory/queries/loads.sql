-- Loads that placement and other modules put into their own pipelines, and the locking reads.

-- name: availability
SELECT s.sku_id, s.location_id, s.on_hand, s.reserved, s.safety_stock, s.incoming
FROM stock s
JOIN location l ON l.tenant_id = s.tenant_id AND l.location_id = s.location_id
WHERE s.tenant_id = %(tenant_id)s AND s.sku_id = ANY(%(sku_ids)s::uuid[]) AND l.is_active

-- name: stock_for_update
SELECT s.sku_id, s.location_id, s.on_hand, s.reserved, s.safety_stock, s.incoming
FROM stock s
JOIN unnest(%(sku_ids)s::uuid[], %(location_ids)s::uuid[]) AS u (sku_id, location_id)
    ON u.sku_id = s.sku_id AND u.location_id = s.location_id
WHERE s.tenant_id = %(tenant_id)s
ORDER BY s.sku_id, s.location_id
FOR NO KEY UPDATE OF s

-- name: thresholds_for_update
SELECT
    s.sku_id, s.location_id, s.on_hand, s.reserved, s.safety_stock, s.incoming, s.low_threshold, s.restock_level,
    s.version
FROM stock s
JOIN unnest(%(sku_ids)s::uuid[], %(location_ids)s::uuid[]) AS u (sku_id, location_id)
    ON u.sku_id = s.sku_id AND u.location_id = s.location_id
WHERE s.tenant_id = %(tenant_id)s
ORDER BY s.sku_id, s.location_id
FOR NO KEY UPDATE OF s

-- name: locations
SELECT l.location_id, l.code, l.name, l.kind, l.lat, l.lon, l.priority, l.is_active, l.version,
    l.address, l.hours, l.phone
FROM location l
WHERE l.tenant_id = %(tenant_id)s
ORDER BY l.priority, l.code

-- name: locations_by_code
SELECT l.location_id, l.code, l.name, l.kind, l.lat, l.lon, l.priority, l.is_active, l.version,
    l.address, l.hours, l.phone
FROM location l
WHERE l.tenant_id = %(tenant_id)s AND l.code = ANY(%(codes)s::text[])

-- name: locations_of_kinds
SELECT l.location_id
FROM location l
WHERE l.tenant_id = %(tenant_id)s AND l.kind = ANY(%(kinds)s::text[])

-- name: location
SELECT l.location_id, l.code, l.name, l.kind, l.lat, l.lon, l.priority, l.is_active, l.version,
    l.address, l.hours, l.phone
FROM location l
WHERE l.tenant_id = %(tenant_id)s AND l.location_id = %(location_id)s

-- name: location_for_update
SELECT l.location_id, l.code, l.name, l.kind, l.lat, l.lon, l.priority, l.is_active, l.version,
    l.address, l.hours, l.phone
FROM location l
WHERE l.tenant_id = %(tenant_id)s AND l.location_id = %(location_id)s
FOR NO KEY UPDATE OF l

-- name: locations_for_update
SELECT l.location_id
FROM location l
WHERE l.tenant_id = %(tenant_id)s AND l.location_id = ANY(%(location_ids)s::uuid[])
ORDER BY l.location_id
FOR NO KEY UPDATE OF l

-- name: keys_of_open_counts
-- Read after the locations are locked: what was opened there before is seen.
SELECT x.sku_id, c.location_id, c.count_id
FROM stock_count c
JOIN stock_count_line x ON x.tenant_id = c.tenant_id AND x.count_id = c.count_id
WHERE c.tenant_id = %(tenant_id)s AND c.location_id = ANY(%(location_ids)s::uuid[]) AND c.closed_at IS NULL

-- name: reservations_of
-- What the owners hold at the keys; the stock rows are locked already, which is what guards these.
SELECT r.owner_kind, r.owner_id, r.sku_id, r.location_id, r.quantity, r.created_at, r.expires_at
FROM reservation r
JOIN unnest(
    %(owner_kinds)s::text[], %(owner_ids)s::uuid[], %(sku_ids)s::uuid[], %(location_ids)s::uuid[]
) AS u (owner_kind, owner_id, sku_id, location_id)
    ON u.owner_kind = r.owner_kind AND u.owner_id = r.owner_id
    AND u.sku_id = r.sku_id AND u.location_id = r.location_id
WHERE r.tenant_id = %(tenant_id)s

-- name: reservations_of_owners
SELECT r.owner_kind, r.owner_id, r.sku_id, r.location_id, r.quantity, r.created_at, r.expires_at
FROM reservation r
WHERE r.tenant_id = %(tenant_id)s AND r.owner_kind = %(owner_kind)s AND r.owner_id = ANY(%(owner_ids)s::uuid[])
ORDER BY r.owner_id, r.sku_id, r.location_id

-- name: places_of_owners
SELECT r.owner_id, r.location_id FROM reservation r
WHERE r.tenant_id = %(tenant_id)s AND r.owner_kind = %(owner_kind)s AND r.owner_id = ANY(%(owner_ids)s::uuid[])

-- name: reservations_at
-- Of each key, the latest reservations that together cover its shortfall, and no more than can be read.
SELECT x.owner_kind, x.owner_id, x.sku_id, x.location_id, x.quantity, x.created_at, x.expires_at
FROM (
    SELECT
        r.owner_kind, r.owner_id, r.sku_id, r.location_id, r.quantity, r.created_at, r.expires_at, u.shortfall,
        sum(r.quantity) OVER latest AS covered, row_number() OVER latest AS place
    FROM reservation r
    JOIN unnest(%(sku_ids)s::uuid[], %(location_ids)s::uuid[], %(shortfalls)s::bigint[])
        AS u (sku_id, location_id, shortfall)
        ON u.sku_id = r.sku_id AND u.location_id = r.location_id
    WHERE r.tenant_id = %(tenant_id)s
    WINDOW latest AS (
        PARTITION BY r.sku_id, r.location_id
        ORDER BY r.created_at DESC, r.owner_kind, r.owner_id DESC
        ROWS UNBOUNDED PRECEDING
    )
) AS x
WHERE x.covered - x.quantity < x.shortfall AND x.place <= %(limit)s
ORDER BY x.sku_id, x.location_id, x.covered

-- name: reservations_expired
SELECT r.owner_kind, r.owner_id, r.sku_id, r.location_id, r.quantity, r.created_at, r.expires_at
FROM reservation r
WHERE r.tenant_id = %(tenant_id)s AND r.expires_at <= %(now)s
ORDER BY r.expires_at
LIMIT %(limit)s

-- name: movements_by_operation
SELECT
    m.movement_id, m.sku_id, m.location_id, m.kind, m.quantity, m.on_hand, m.reason, m.reference, m.subject_id,
    m.operation_key, m.actor_kind, m.actor_id, m.recorded_at
FROM stock_movement m
WHERE m.tenant_id = %(tenant_id)s AND m.operation_key = ANY(%(operation_keys)s::text[])

-- name: transfers_for_update
SELECT t.transfer_id, t.from_location_id, t.to_location_id, t.reference, t.created_at, t.closed_at
FROM transfer t
WHERE t.tenant_id = %(tenant_id)s AND t.transfer_id = ANY(%(transfer_ids)s::uuid[])
ORDER BY t.transfer_id
FOR NO KEY UPDATE OF t

-- name: transfers
SELECT t.transfer_id, t.from_location_id, t.to_location_id, t.reference, t.created_at, t.closed_at
FROM transfer t
WHERE t.tenant_id = %(tenant_id)s AND t.transfer_id = ANY(%(transfer_ids)s::uuid[])
ORDER BY t.transfer_id

-- name: transfer_lines
SELECT x.transfer_id, x.sku_id, x.quantity, x.shipped, x.received, x.missing
FROM transfer_line x
WHERE x.tenant_id = %(tenant_id)s AND x.transfer_id = ANY(%(transfer_ids)s::uuid[])
ORDER BY x.transfer_id, x.sku_id

-- name: counts_for_update
SELECT c.count_id, c.location_id, c.reference, c.created_at, c.closed_at, c.is_applied
FROM stock_count c
WHERE c.tenant_id = %(tenant_id)s AND c.count_id = ANY(%(count_ids)s::uuid[])
ORDER BY c.count_id
FOR NO KEY UPDATE OF c

-- name: counts
SELECT c.count_id, c.location_id, c.reference, c.created_at, c.closed_at, c.is_applied
FROM stock_count c
WHERE c.tenant_id = %(tenant_id)s AND c.count_id = ANY(%(count_ids)s::uuid[])
ORDER BY c.count_id

-- name: count_rounds
-- One row per round of each line; a line nobody counted yet has one row without a round.
SELECT x.count_id, x.sku_id, t.counted, t.on_hand, t.operation_key
FROM stock_count_line x
LEFT JOIN stock_count_tally t ON t.tenant_id = x.tenant_id AND t.count_id = x.count_id AND t.sku_id = x.sku_id
WHERE x.tenant_id = %(tenant_id)s AND x.count_id = ANY(%(count_ids)s::uuid[])
ORDER BY x.count_id, x.sku_id, t.round
