-- The writes that every door of inventory shares. Callers hold the locks of the stock rows concerned.

-- name: insert_stock
-- A key comes to be when something may come in there: goods only, at locations of this merchant.
INSERT INTO stock (tenant_id, sku_id, location_id, on_hand, reserved, incoming, safety_stock, version)
SELECT t.tenant_id, u.sku_id, u.location_id, 0, 0, 0, 0, 1
FROM tenant t
CROSS JOIN unnest(%(sku_ids)s::uuid[], %(location_ids)s::uuid[]) AS u (sku_id, location_id)
JOIN sku s ON s.tenant_id = t.tenant_id AND s.sku_id = u.sku_id
JOIN product p ON p.tenant_id = s.tenant_id AND p.product_id = s.product_id AND p.kind = 'goods'
JOIN location l ON l.tenant_id = t.tenant_id AND l.location_id = u.location_id
WHERE t.tenant_id = %(tenant_id)s
ORDER BY u.sku_id, u.location_id
ON CONFLICT (tenant_id, sku_id, location_id) DO NOTHING

-- name: change_stock
-- The guard keeps what is newly reserved inside what may be promised, whatever the caller has decided.
UPDATE stock s
SET on_hand = s.on_hand + u.on_hand, reserved = s.reserved + u.reserved, incoming = s.incoming + u.incoming,
    low_since = CASE
        WHEN s.on_hand + u.on_hand - s.reserved - u.reserved - s.safety_stock <= s.low_threshold
            THEN coalesce(s.low_since, %(now)s)
    END
FROM unnest(
    %(sku_ids)s::uuid[], %(location_ids)s::uuid[], %(on_hand)s::bigint[], %(reserved)s::bigint[], %(incoming)s::bigint[]
) AS u (sku_id, location_id, on_hand, reserved, incoming)
WHERE s.tenant_id = %(tenant_id)s AND s.sku_id = u.sku_id AND s.location_id = u.location_id
    AND (u.reserved <= 0 OR s.reserved + u.reserved <= s.on_hand + u.on_hand - s.safety_stock)
RETURNING
    s.sku_id, s.location_id, s.on_hand - s.reserved - s.safety_stock, s.incoming, s.low_threshold, s.restock_level

-- name: insert_movements
INSERT INTO stock_movement (
    tenant_id, movement_id, sku_id, location_id, kind, quantity, on_hand, reason, reference, subject_id,
    operation_key, actor_kind, actor_id, recorded_at
)
SELECT
    t.tenant_id, u.movement_id, u.sku_id, u.location_id, u.kind, u.quantity, u.on_hand, u.reason, u.reference,
    u.subject_id, u.operation_key, %(actor_kind)s, %(actor_id)s, %(now)s
FROM tenant t CROSS JOIN unnest(
    %(movement_ids)s::uuid[], %(sku_ids)s::uuid[], %(location_ids)s::uuid[], %(kinds)s::text[], %(quantities)s::bigint[],
    %(on_hand)s::bigint[], %(reasons)s::text[], %(references)s::text[], %(subject_ids)s::uuid[],
    %(operation_keys)s::text[]
) AS u (
    movement_id, sku_id, location_id, kind, quantity, on_hand, reason, reference, subject_id, operation_key
)
WHERE t.tenant_id = %(tenant_id)s
ON CONFLICT (tenant_id, operation_key) DO NOTHING
RETURNING operation_key

-- name: add_reservations
INSERT INTO reservation (tenant_id, owner_kind, owner_id, sku_id, location_id, quantity, created_at, expires_at)
SELECT t.tenant_id, u.owner_kind, u.owner_id, u.sku_id, u.location_id, u.quantity, %(now)s, u.expires_at
FROM tenant t CROSS JOIN unnest(
    %(owner_kinds)s::text[], %(owner_ids)s::uuid[], %(sku_ids)s::uuid[], %(location_ids)s::uuid[],
    %(quantities)s::bigint[], %(expires_at)s::timestamptz[]
) AS u (owner_kind, owner_id, sku_id, location_id, quantity, expires_at)
WHERE t.tenant_id = %(tenant_id)s
ON CONFLICT (tenant_id, owner_kind, owner_id, sku_id, location_id)
DO UPDATE SET quantity = reservation.quantity + excluded.quantity, expires_at = excluded.expires_at

-- name: insert_reservations
-- For owners that hold nothing yet: without ON CONFLICT, which costs as much as the insert itself.
INSERT INTO reservation (tenant_id, owner_kind, owner_id, sku_id, location_id, quantity, created_at, expires_at)
SELECT t.tenant_id, u.owner_kind, u.owner_id, u.sku_id, u.location_id, u.quantity, %(now)s, u.expires_at
FROM tenant t CROSS JOIN unnest(
    %(owner_kinds)s::text[], %(owner_ids)s::uuid[], %(sku_ids)s::uuid[], %(location_ids)s::uuid[],
    %(quantities)s::bigint[], %(expires_at)s::timestamptz[]
) AS u (owner_kind, owner_id, sku_id, location_id, quantity, expires_at)
WHERE t.tenant_id = %(tenant_id)s

-- name: drop_reservations
-- Runs before reduce_reservations: what is reduced may afterwards equal what was taken from it.
DELETE FROM reservation r
USING unnest(
    %(owner_kinds)s::text[], %(owner_ids)s::uuid[], %(sku_ids)s::uuid[], %(location_ids)s::uuid[],
    %(quantities)s::bigint[]
) AS u (owner_kind, owner_id, sku_id, location_id, quantity)
WHERE r.tenant_id = %(tenant_id)s AND r.owner_kind = u.owner_kind AND r.owner_id = u.owner_id
    AND r.sku_id = u.sku_id AND r.location_id = u.location_id AND r.quantity = u.quantity

-- name: reduce_reservations
UPDATE reservation r
SET quantity = r.quantity - u.quantity
FROM unnest(
    %(owner_kinds)s::text[], %(owner_ids)s::uuid[], %(sku_ids)s::uuid[], %(location_ids)s::uuid[],
    %(quantities)s::bigint[]
) AS u (owner_kind, owner_id, sku_id, location_id, quantity)
WHERE r.tenant_id = %(tenant_id)s AND r.owner_kind = u.owner_kind AND r.owner_id = u.owner_id
    AND r.sku_id = u.sku_id AND r.location_id = u.location_id AND r.quantity > u.quantity

-- name: set_thresholds
UPDATE stock s
SET safety_stock = u.safety_stock, low_threshold = u.low_threshold, restock_level = u.restock_level, version = u.version,
    low_since = CASE
        WHEN s.on_hand - s.reserved - u.safety_stock <= u.low_threshold THEN coalesce(s.low_since, %(now)s)
    END
FROM unnest(
    %(sku_ids)s::uuid[], %(location_ids)s::uuid[], %(safety_stock)s::bigint[], %(low_thresholds)s::bigint[],
    %(restock_levels)s::bigint[], %(versions)s::bigint[]
) AS u (sku_id, location_id, safety_stock, low_threshold, restock_level, version)
WHERE s.tenant_id = %(tenant_id)s AND s.sku_id = u.sku_id AND s.location_id = u.location_id
