-- What products are marked with.

-- name: labels
SELECT s.sku_id, p.brand, p.tags
FROM sku s
JOIN product p ON p.tenant_id = s.tenant_id AND p.product_id = s.product_id
WHERE s.tenant_id = %(tenant_id)s AND s.sku_id = ANY(%(sku_ids)s::uuid[])
