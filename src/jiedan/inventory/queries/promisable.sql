-- What may be promised to anybody, in all, at active locations.

-- name: totals
SELECT s.sku_id, sum(greatest(s.on_hand - s.reserved - s.safety_stock, 0))::bigint
FROM stock s
JOIN location l ON l.tenant_id = s.tenant_id AND l.location_id = s.location_id
WHERE s.tenant_id = %(tenant_id)s AND s.sku_id = ANY(%(sku_ids)s::uuid[]) AND l.is_active
GROUP BY s.sku_id
