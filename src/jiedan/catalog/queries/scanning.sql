-- What scanners read.

-- name: scannable
SELECT s.sku_id, s.code, s.barcode, p.name, s.option_values, s.weight_g, s.length_mm, s.width_mm, s.height_mm
FROM sku s
JOIN product p ON p.tenant_id = s.tenant_id AND p.product_id = s.product_id
WHERE s.tenant_id = %(tenant_id)s AND s.sku_id = ANY(%(sku_ids)s::uuid[])

-- name: scanned_codes
SELECT s.sku_id, s.code, s.barcode, p.name, s.option_values, s.weight_g, s.length_mm, s.width_mm, s.height_mm
FROM sku s
JOIN product p ON p.tenant_id = s.tenant_id AND p.product_id = s.product_id
WHERE s.tenant_id = %(tenant_id)s AND s.code = ANY(%(codes)s::text[])

-- name: scanned_barcodes
SELECT s.sku_id, s.code, s.barcode, p.name, s.option_values, s.weight_g, s.length_mm, s.width_mm, s.height_mm
FROM sku s
JOIN product p ON p.tenant_id = s.tenant_id AND p.product_id = s.product_id
WHERE s.tenant_id = %(tenant_id)s AND s.barcode = ANY(%(barcodes)s::text[])
