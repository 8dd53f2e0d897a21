-- What must hold of products. Each statement only reads, and returns the rows of one merchant that break it; the number
-- in its name is that of the invariant. Parameters: tenant_id, and now where time matters.

-- name: i05_only_kits_are_made_of_parts
SELECT c.sku_id, p.kind AS found
FROM sku_component c
JOIN sku s ON s.tenant_id = c.tenant_id AND s.sku_id = c.sku_id
JOIN product p ON p.tenant_id = s.tenant_id AND p.product_id = s.product_id
WHERE c.tenant_id = %(tenant_id)s AND p.kind <> 'kit'

-- name: i16_every_edit_of_a_product_has_its_event
SELECT p.product_id, p.version AS found, max((e.data ->> 'version')::int) AS expected
FROM product p
LEFT JOIN event_log e ON e.tenant_id = p.tenant_id AND e.subject_id = p.product_id AND e.kind = 'catalog.product_changed'
WHERE p.tenant_id = %(tenant_id)s
GROUP BY p.product_id, p.version
HAVING p.version > 1 AND max((e.data ->> 'version')::int) IS DISTINCT FROM p.version
