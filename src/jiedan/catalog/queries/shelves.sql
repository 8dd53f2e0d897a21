-- What a shop shows: products that are sold, with what a shelf says of each.

-- name: newest
SELECT p.product_id, p.name, p.kind, p.category_id
FROM product p
WHERE p.tenant_id = %(tenant_id)s AND p.status = 'active'
ORDER BY p.product_id DESC
LIMIT %(limit)s

-- name: of_categories
SELECT p.product_id, p.name, p.kind, p.category_id
FROM product p
WHERE p.tenant_id = %(tenant_id)s AND p.category_id = ANY(%(category_ids)s::uuid[]) AND p.status = 'active'
ORDER BY p.product_id DESC
LIMIT %(limit)s

-- name: among
SELECT p.product_id, p.name, p.kind, p.category_id
FROM product p
WHERE p.tenant_id = %(tenant_id)s AND p.product_id = ANY(%(product_ids)s::uuid[]) AND p.status = 'active'
ORDER BY p.product_id DESC
LIMIT %(limit)s

-- name: options
SELECT o.product_id, o.name
FROM product_option o
WHERE o.tenant_id = %(tenant_id)s AND o.product_id = ANY(%(product_ids)s::uuid[])
ORDER BY o.product_id, o.position

-- name: skus
SELECT
    s.product_id, s.sku_id, s.code, s.option_values, x.unit_minor,
    s.order_minimum, s.order_maximum, s.order_step, s.order_pack
FROM sku s
LEFT JOIN sku_price x
    ON x.tenant_id = s.tenant_id AND x.sku_id = s.sku_id AND x.currency = %(currency)s AND x.min_quantity = 1
WHERE s.tenant_id = %(tenant_id)s AND s.product_id = ANY(%(product_ids)s::uuid[]) AND s.may_be_sold
ORDER BY s.product_id, s.position, s.sku_id

-- name: parts
SELECT k.sku_id, k.component_id, k.quantity
FROM sku s
JOIN sku_component k ON k.tenant_id = s.tenant_id AND k.sku_id = s.sku_id
WHERE s.tenant_id = %(tenant_id)s AND s.product_id = ANY(%(product_ids)s::uuid[])
