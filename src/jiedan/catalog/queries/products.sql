-- Products whole: the product, its options, SKUs, prices and parts; five statements in one pipeline.

-- name: products
SELECT
    p.product_id, p.code, p.name, p.description, p.kind, p.status, c.code, p.tax_class, p.brand, p.tags, p.version
FROM product p
LEFT JOIN category c ON c.tenant_id = p.tenant_id AND c.category_id = p.category_id
WHERE p.tenant_id = %(tenant_id)s AND p.product_id = ANY(%(product_ids)s::uuid[])

-- name: options
SELECT o.product_id, o.name, o.choices
FROM product_option o
WHERE o.tenant_id = %(tenant_id)s AND o.product_id = ANY(%(product_ids)s::uuid[])
ORDER BY o.product_id, o.position

-- name: skus
-- A row for each barcode, one without where a SKU has none.
SELECT
    s.product_id, s.sku_id, s.code, s.option_values, s.weight_g, s.length_mm, s.width_mm, s.height_mm,
    s.is_active, s.position, s.version, s.order_minimum, s.order_maximum, s.order_step, s.order_pack,
    b.barcode, b.quantity, b.is_main
FROM sku s
LEFT JOIN sku_barcode b ON b.tenant_id = s.tenant_id AND b.sku_id = s.sku_id
WHERE s.tenant_id = %(tenant_id)s AND s.product_id = ANY(%(product_ids)s::uuid[])
ORDER BY s.product_id, s.position, s.sku_id, b.quantity, b.barcode

-- name: prices
SELECT x.sku_id, x.currency, x.unit_minor, x.min_quantity
FROM sku s
JOIN sku_price x ON x.tenant_id = s.tenant_id AND x.sku_id = s.sku_id
WHERE s.tenant_id = %(tenant_id)s AND s.product_id = ANY(%(product_ids)s::uuid[])
ORDER BY x.sku_id, x.currency, x.min_quantity

-- name: parts
SELECT k.sku_id, part.code, k.quantity
FROM sku s
JOIN sku_component k ON k.tenant_id = s.tenant_id AND k.sku_id = s.sku_id
JOIN sku part ON part.tenant_id = k.tenant_id AND part.sku_id = k.component_id
WHERE s.tenant_id = %(tenant_id)s AND s.product_id = ANY(%(product_ids)s::uuid[])
ORDER BY k.sku_id, part.code

-- name: product_of_sku
SELECT s.product_id, s.code FROM sku s WHERE s.tenant_id = %(tenant_id)s AND s.sku_id = %(sku_id)s

-- name: sku_by_barcode
SELECT s.product_id, s.sku_id, b.quantity
FROM sku_barcode b
JOIN sku s ON s.tenant_id = b.tenant_id AND s.sku_id = b.sku_id
WHERE b.tenant_id = %(tenant_id)s AND b.barcode = %(barcode)s
