-- Saving products: what exists by code, then one statement per table.

-- name: claim_turn
-- A row that is there is locked and stays as it is.
INSERT INTO catalog_revision (tenant_id, revision)
SELECT t.tenant_id, 1 FROM tenant t WHERE t.tenant_id = %(tenant_id)s
ON CONFLICT (tenant_id) DO UPDATE SET revision = catalog_revision.revision WHERE false

-- name: product_ids
SELECT p.code, p.product_id
FROM product p
WHERE p.tenant_id = %(tenant_id)s AND p.code = ANY(%(codes)s::text[])

-- name: sku_owners
SELECT s.code, p.code, p.kind, s.sku_id
FROM sku s
JOIN product p ON p.tenant_id = s.tenant_id AND p.product_id = s.product_id
WHERE s.tenant_id = %(tenant_id)s AND s.code = ANY(%(codes)s::text[])

-- name: barcode_owners
SELECT b.barcode, s.code
FROM sku_barcode b
JOIN sku s ON s.tenant_id = b.tenant_id AND s.sku_id = b.sku_id
WHERE b.tenant_id = %(tenant_id)s AND b.barcode = ANY(%(barcodes)s::text[])

-- name: category_ids
SELECT c.code, c.category_id
FROM category c
WHERE c.tenant_id = %(tenant_id)s AND c.code = ANY(%(codes)s::text[])

-- name: insert_products
INSERT INTO product (
    tenant_id, product_id, code, name, description, kind, status, category_id, tax_class, brand, tags, version,
    created_at, updated_at
)
SELECT
    t.tenant_id, u.product_id, u.code, u.name, u.description, u.kind, u.status, u.category_id, u.tax_class, u.brand,
    ARRAY(SELECT jsonb_array_elements_text(u.tags::jsonb)), u.version, %(at)s, %(at)s
FROM tenant t CROSS JOIN unnest(
    %(product_ids)s::uuid[], %(codes)s::text[], %(names)s::text[], %(descriptions)s::text[], %(kinds)s::text[],
    %(statuses)s::text[], %(category_ids)s::uuid[], %(tax_classes)s::text[], %(brands)s::text[], %(tags)s::text[],
    %(versions)s::bigint[]
) AS u (product_id, code, name, description, kind, status, category_id, tax_class, brand, tags, version)
WHERE t.tenant_id = %(tenant_id)s

-- name: update_products
UPDATE product AS p
SET
    name = u.name, description = u.description, status = u.status, category_id = u.category_id,
    tax_class = u.tax_class, brand = u.brand, tags = ARRAY(SELECT jsonb_array_elements_text(u.tags::jsonb)),
    version = u.version, updated_at = %(at)s
FROM unnest(
    %(product_ids)s::uuid[], %(names)s::text[], %(descriptions)s::text[], %(statuses)s::text[],
    %(category_ids)s::uuid[], %(tax_classes)s::text[], %(brands)s::text[], %(tags)s::text[], %(versions)s::bigint[]
) AS u (product_id, name, description, status, category_id, tax_class, brand, tags, version)
WHERE p.tenant_id = %(tenant_id)s AND p.product_id = u.product_id

-- name: delete_traits
DELETE FROM product_trait WHERE tenant_id = %(tenant_id)s AND product_id = ANY(%(product_ids)s::uuid[])

-- name: insert_traits
INSERT INTO product_trait (tenant_id, trait, product_id)
SELECT t.tenant_id, u.trait, u.product_id
FROM tenant t CROSS JOIN unnest(%(traits)s::text[], %(product_ids)s::uuid[]) AS u (trait, product_id)
WHERE t.tenant_id = %(tenant_id)s

-- name: delete_options
DELETE FROM product_option WHERE tenant_id = %(tenant_id)s AND product_id = ANY(%(product_ids)s::uuid[])

-- name: insert_options
INSERT INTO product_option (tenant_id, product_id, position, name, choices)
SELECT t.tenant_id, u.product_id, u.position, u.name, ARRAY(SELECT jsonb_array_elements_text(u.choices::jsonb))
FROM tenant t CROSS JOIN unnest(
    %(product_ids)s::uuid[], %(positions)s::bigint[], %(names)s::text[], %(choices)s::text[]
) AS u (product_id, position, name, choices)
WHERE t.tenant_id = %(tenant_id)s

-- name: vacate_skus
UPDATE sku SET option_values = ARRAY[sku_id::text]
WHERE tenant_id = %(tenant_id)s AND sku_id = ANY(%(sku_ids)s::uuid[])

-- name: update_skus
UPDATE sku AS s
SET
    option_values = ARRAY(SELECT jsonb_array_elements_text(u.option_values::jsonb)),
    weight_g = u.weight_g, length_mm = u.length_mm, width_mm = u.width_mm, height_mm = u.height_mm,
    is_active = u.is_active, position = u.position, version = u.version, updated_at = %(at)s,
    order_minimum = u.order_minimum, order_maximum = u.order_maximum, order_step = u.order_step,
    order_pack = u.order_pack
FROM unnest(
    %(sku_ids)s::uuid[], %(option_values)s::text[], %(weights)s::bigint[], %(lengths)s::bigint[], %(widths)s::bigint[],
    %(heights)s::bigint[], %(actives)s::boolean[], %(positions)s::bigint[], %(versions)s::bigint[],
    %(order_minimums)s::bigint[], %(order_maximums)s::bigint[], %(order_steps)s::bigint[], %(order_packs)s::bigint[]
) AS u (
    sku_id, option_values, weight_g, length_mm, width_mm, height_mm, is_active, position, version,
    order_minimum, order_maximum, order_step, order_pack
)
WHERE s.tenant_id = %(tenant_id)s AND s.sku_id = u.sku_id

-- name: insert_skus
INSERT INTO sku (
    tenant_id, sku_id, product_id, code, option_values, weight_g, length_mm, width_mm, height_mm, is_active,
    may_be_sold, position, version, created_at, updated_at, order_minimum, order_maximum, order_step, order_pack
)
SELECT
    t.tenant_id, u.sku_id, u.product_id, u.code, ARRAY(SELECT jsonb_array_elements_text(u.option_values::jsonb)),
    u.weight_g, u.length_mm, u.width_mm, u.height_mm, u.is_active, false, u.position, u.version,
    %(at)s, %(at)s, u.order_minimum, u.order_maximum, u.order_step, u.order_pack
FROM tenant t CROSS JOIN unnest(
    %(sku_ids)s::uuid[], %(product_ids)s::uuid[], %(codes)s::text[], %(option_values)s::text[],
    %(weights)s::bigint[], %(lengths)s::bigint[], %(widths)s::bigint[], %(heights)s::bigint[], %(actives)s::boolean[],
    %(positions)s::bigint[], %(versions)s::bigint[], %(order_minimums)s::bigint[], %(order_maximums)s::bigint[],
    %(order_steps)s::bigint[], %(order_packs)s::bigint[]
) AS u (
    sku_id, product_id, code, option_values, weight_g, length_mm, width_mm, height_mm, is_active, position, version,
    order_minimum, order_maximum, order_step, order_pack
)
WHERE t.tenant_id = %(tenant_id)s

-- name: delete_barcodes
DELETE FROM sku_barcode WHERE tenant_id = %(tenant_id)s AND sku_id = ANY(%(sku_ids)s::uuid[])

-- name: insert_barcodes
INSERT INTO sku_barcode (tenant_id, barcode, sku_id, quantity, is_main)
SELECT t.tenant_id, u.barcode, u.sku_id, u.quantity, u.is_main
FROM tenant t CROSS JOIN unnest(
    %(barcodes)s::text[], %(sku_ids)s::uuid[], %(quantities)s::bigint[], %(mains)s::boolean[]
) AS u (barcode, sku_id, quantity, is_main)
WHERE t.tenant_id = %(tenant_id)s

-- name: delete_prices
DELETE FROM sku_price WHERE tenant_id = %(tenant_id)s AND sku_id = ANY(%(sku_ids)s::uuid[])

-- name: insert_prices
INSERT INTO sku_price (tenant_id, sku_id, currency, min_quantity, unit_minor)
SELECT t.tenant_id, u.sku_id, u.currency, u.min_quantity, u.unit_minor
FROM tenant t CROSS JOIN unnest(
    %(sku_ids)s::uuid[], %(currencies)s::text[], %(min_quantities)s::bigint[], %(units_minor)s::bigint[]
) AS u (sku_id, currency, min_quantity, unit_minor)
WHERE t.tenant_id = %(tenant_id)s

-- name: delete_parts
DELETE FROM sku_component WHERE tenant_id = %(tenant_id)s AND sku_id = ANY(%(sku_ids)s::uuid[])

-- name: insert_parts
INSERT INTO sku_component (tenant_id, sku_id, component_id, quantity)
SELECT t.tenant_id, u.sku_id, part.sku_id, u.quantity
FROM tenant t CROSS JOIN unnest(
    %(sku_ids)s::uuid[], %(codes)s::text[], %(quantities)s::bigint[]
) AS u (sku_id, code, quantity)
JOIN sku part ON part.tenant_id = t.tenant_id AND part.code = u.code
WHERE t.tenant_id = %(tenant_id)s

-- name: refresh_may_be_sold
-- Of the SKUs of these products, and of the kits that they are parts of.
UPDATE sku AS s SET may_be_sold = f.may_be_sold
FROM (
    SELECT
        x.sku_id,
        x.is_active AND p.status = 'active' AND NOT EXISTS (
            SELECT 1 FROM sku_component c
            JOIN sku part ON part.tenant_id = c.tenant_id AND part.sku_id = c.component_id
            JOIN product whole ON whole.tenant_id = part.tenant_id AND whole.product_id = part.product_id
            WHERE c.tenant_id = %(tenant_id)s AND c.sku_id = x.sku_id
                AND NOT (part.is_active AND whole.status <> 'archived')
        ) AS may_be_sold
    FROM (
        SELECT o.sku_id FROM sku o
        WHERE o.tenant_id = %(tenant_id)s AND o.product_id = ANY(%(product_ids)s::uuid[])
        UNION
        SELECT k.sku_id FROM sku o
        JOIN sku_component k ON k.tenant_id = o.tenant_id AND k.component_id = o.sku_id
        WHERE o.tenant_id = %(tenant_id)s AND o.product_id = ANY(%(product_ids)s::uuid[])
    ) AS concerned
    JOIN sku x ON x.tenant_id = %(tenant_id)s AND x.sku_id = concerned.sku_id
    JOIN product p ON p.tenant_id = x.tenant_id AND p.product_id = x.product_id
) AS f
WHERE s.tenant_id = %(tenant_id)s AND s.sku_id = f.sku_id AND s.may_be_sold <> f.may_be_sold

-- name: delete_renditions
DELETE FROM image_rendition WHERE tenant_id = %(tenant_id)s AND image_id = %(image_id)s

-- name: insert_renditions
INSERT INTO image_rendition (
    tenant_id, image_id, edge_px, storage_key, media_type, width_px, height_px, size_bytes
)
SELECT
    t.tenant_id, %(image_id)s, u.edge_px, u.storage_key, u.media_type, u.width_px, u.height_px, u.size_bytes
FROM tenant t CROSS JOIN unnest(
    %(edges)s::bigint[], %(keys)s::text[], %(media_types)s::text[], %(widths)s::bigint[], %(heights)s::bigint[],
    %(sizes)s::bigint[]
) AS u (edge_px, storage_key, media_type, width_px, height_px, size_bytes)
WHERE t.tenant_id = %(tenant_id)s

-- name: place_images
UPDATE product_image AS i SET position = u.position
FROM unnest(%(image_ids)s::uuid[], %(positions)s::bigint[]) AS u (image_id, position)
WHERE i.tenant_id = %(tenant_id)s AND i.image_id = u.image_id
