-- Pictures: a row for each of their smaller copies, one without where there is none.

-- name: of_product
SELECT
    i.image_id, i.product_id, i.sku_id, i.position, i.storage_key, i.media_type, i.width_px, i.height_px, i.size_bytes,
    i.alt_text, r.edge_px, r.storage_key, r.media_type, r.width_px, r.height_px, r.size_bytes
FROM product_image i
LEFT JOIN image_rendition r ON r.tenant_id = i.tenant_id AND r.image_id = i.image_id
WHERE i.tenant_id = %(tenant_id)s AND i.product_id = %(product_id)s
ORDER BY i.position, i.image_id, r.edge_px

-- name: image
SELECT
    i.image_id, i.product_id, i.sku_id, i.position, i.storage_key, i.media_type, i.width_px, i.height_px, i.size_bytes,
    i.alt_text, r.edge_px, r.storage_key, r.media_type, r.width_px, r.height_px, r.size_bytes
FROM product_image i
LEFT JOIN image_rendition r ON r.tenant_id = i.tenant_id AND r.image_id = i.image_id
WHERE i.tenant_id = %(tenant_id)s AND i.image_id = %(image_id)s
ORDER BY r.edge_px

-- name: shown_image
-- A picture that anybody may see: of a product that is sold.
SELECT
    i.image_id, i.product_id, i.sku_id, i.position, i.storage_key, i.media_type, i.width_px, i.height_px, i.size_bytes,
    i.alt_text, r.edge_px, r.storage_key, r.media_type, r.width_px, r.height_px, r.size_bytes
FROM product_image i
JOIN product p ON p.tenant_id = i.tenant_id AND p.product_id = i.product_id
LEFT JOIN image_rendition r ON r.tenant_id = i.tenant_id AND r.image_id = i.image_id
WHERE i.tenant_id = %(tenant_id)s AND i.image_id = %(image_id)s AND p.status = 'active'
ORDER BY r.edge_px

-- name: images_of_skus
-- The picture that a SKU is known by: its own, else the first of its product that is not another's.
SELECT
    i.image_id, i.product_id, i.of_sku_id, i.position, i.storage_key, i.media_type, i.width_px, i.height_px,
    i.size_bytes, i.alt_text, r.edge_px, r.storage_key, r.media_type, r.width_px, r.height_px, r.size_bytes
FROM (
    SELECT DISTINCT ON (s.sku_id)
        x.tenant_id, x.image_id, x.product_id, s.sku_id AS of_sku_id, x.position, x.storage_key, x.media_type,
        x.width_px, x.height_px, x.size_bytes, x.alt_text
    FROM sku s
    JOIN product_image x ON x.tenant_id = s.tenant_id AND x.product_id = s.product_id
    WHERE s.tenant_id = %(tenant_id)s AND s.sku_id = ANY(%(sku_ids)s::uuid[])
        AND (x.sku_id = s.sku_id OR x.sku_id IS NULL)
    ORDER BY s.sku_id, x.sku_id NULLS LAST, x.position, x.image_id
) AS i
LEFT JOIN image_rendition r ON r.tenant_id = i.tenant_id AND r.image_id = i.image_id
ORDER BY i.of_sku_id, r.edge_px

-- name: first_images
SELECT
    i.image_id, i.product_id, i.sku_id, i.position, i.storage_key, i.media_type, i.width_px, i.height_px, i.size_bytes,
    i.alt_text, r.edge_px, r.storage_key, r.media_type, r.width_px, r.height_px, r.size_bytes
FROM (
    SELECT DISTINCT ON (x.product_id)
        x.tenant_id, x.image_id, x.product_id, x.sku_id, x.position, x.storage_key, x.media_type, x.width_px,
        x.height_px, x.size_bytes, x.alt_text
    FROM product_image x
    WHERE x.tenant_id = %(tenant_id)s AND x.product_id = ANY(%(product_ids)s::uuid[])
    ORDER BY x.product_id, x.position, x.image_id
) AS i
LEFT JOIN image_rendition r ON r.tenant_id = i.tenant_id AND r.image_id = i.image_id
ORDER BY i.product_id, r.edge_px

-- name: unrendered
-- They have no copies yet.
SELECT
    i.image_id, i.product_id, i.sku_id, i.position, i.storage_key, i.media_type, i.width_px, i.height_px, i.size_bytes,
    i.alt_text, NULL
FROM product_image i
WHERE i.tenant_id = %(tenant_id)s AND i.rendered_at IS NULL
ORDER BY i.image_id
LIMIT %(limit)s
