-- What lists show of products beside their rows.

-- name: price_ranges
SELECT s.product_id, min(x.unit_minor), max(x.unit_minor)
FROM sku s
JOIN sku_price x ON x.tenant_id = s.tenant_id AND x.sku_id = s.sku_id
WHERE s.tenant_id = %(tenant_id)s AND s.product_id = ANY(%(product_ids)s::uuid[])
    AND x.currency = %(currency)s AND x.min_quantity = 1
GROUP BY s.product_id
