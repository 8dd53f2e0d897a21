-- What pages show of SKUs: sums over their locations, who holds them, what there is to count at a place.

-- name: stock_totals
-- Over active locations; what a safety stock has eaten into at one of them is not taken from another.
SELECT
    s.sku_id, sum(s.on_hand), sum(s.reserved), sum(s.safety_stock),
    sum(greatest(s.on_hand - s.reserved - s.safety_stock, 0)), sum(s.incoming),
    count(*), count(*) FILTER (WHERE s.low_since IS NOT NULL)
FROM stock s
JOIN location l ON l.tenant_id = s.tenant_id AND l.location_id = s.location_id
WHERE s.tenant_id = %(tenant_id)s AND s.sku_id = ANY(%(sku_ids)s::uuid[]) AND l.is_active
GROUP BY s.sku_id

-- name: reservations_of_sku
-- Location by location, oldest first, which is the order of the index.
SELECT r.owner_kind, r.owner_id, r.sku_id, r.location_id, r.quantity, r.created_at, r.expires_at
FROM reservation r
WHERE r.tenant_id = %(tenant_id)s AND r.sku_id = %(sku_id)s
ORDER BY r.location_id, r.created_at
LIMIT %(limit)s

-- name: skus_at
SELECT s.sku_id
FROM stock s
WHERE s.tenant_id = %(tenant_id)s AND s.location_id = %(location_id)s AND s.on_hand > 0
ORDER BY s.sku_id
LIMIT %(limit)s

-- name: product_totals
SELECT
    k.product_id, sum(s.on_hand), sum(s.reserved), sum(s.safety_stock),
    sum(greatest(s.on_hand - s.reserved - s.safety_stock, 0)), sum(s.incoming),
    count(*), count(*) FILTER (WHERE s.low_since IS NOT NULL)
FROM sku k
JOIN stock s ON s.tenant_id = k.tenant_id AND s.sku_id = k.sku_id
JOIN location l ON l.tenant_id = s.tenant_id AND l.location_id = s.location_id
WHERE k.tenant_id = %(tenant_id)s AND k.product_id = ANY(%(product_ids)s::uuid[]) AND l.is_active
GROUP BY k.product_id
