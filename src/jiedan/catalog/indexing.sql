-- The search terms of SKUs, written in sets.

-- name: delete_terms
DELETE FROM sku_term WHERE tenant_id = %(tenant_id)s AND sku_id = ANY(%(sku_ids)s::uuid[])

-- name: insert_terms
INSERT INTO sku_term (tenant_id, term, sku_id, product_id)
SELECT t.tenant_id, u.term, u.sku_id, u.product_id
FROM tenant t CROSS JOIN unnest(
    %(terms)s::text[], %(sku_ids)s::uuid[], %(product_ids)s::uuid[]
) AS u (term, sku_id, product_id)
WHERE t.tenant_id = %(tenant_id)s
ON CONFLICT DO NOTHING
