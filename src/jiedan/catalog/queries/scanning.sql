-- What scanners read: one row per barcode of a SKU, one without where it has none.

-- name: scannable
SELECT
    s.sku_id, s.code, b.barcode, b.quantity, p.name, s.option_values, s.weight_g, s.length_mm, s.width_mm, s.height_mm
FROM sku s
JOIN product p ON p.tenant_id = s.tenant_id AND p.product_id = s.product_id
LEFT JOIN sku_barcode b ON b.tenant_id = s.tenant_id AND b.sku_id = s.sku_id
WHERE s.tenant_id = %(tenant_id)s AND s.sku_id = ANY(%(sku_ids)s::uuid[])

-- name: scanned_codes
SELECT
    s.sku_id, s.code, b.barcode, b.quantity, p.name, s.option_values, s.weight_g, s.length_mm, s.width_mm, s.height_mm
FROM sku s
JOIN product p ON p.tenant_id = s.tenant_id AND p.product_id = s.product_id
LEFT JOIN sku_barcode b ON b.tenant_id = s.tenant_id AND b.sku_id = s.sku_id
WHERE s.tenant_id = %(tenant_id)s AND s.code = ANY(%(codes)s::text[])

-- name: scanned_barcodes
-- With the barcodes that were scanned, not with others of the same SKU.
SELECT
    s.sku_id, s.code, b.barcode, b.quantity, p.name, s.option_values, s.weight_g, s.length_mm, s.width_mm, s.height_mm
FROM sku_barcode b
JOIN sku s ON s.tenant_id = b.tenant_id AND s.sku_id = b.sku_id
JOIN product p ON p.tenant_id = s.tenant_id AND p.product_id = s.product_id
WHERE b.tenant_id = %(tenant_id)s AND b.barcode = ANY(%(barcodes)s::text[])
