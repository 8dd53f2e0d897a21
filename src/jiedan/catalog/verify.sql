-- What must hold of products. Each statement only reads, and returns the rows of one merchant that break it; the number
-- in its name is that of the invariant. Parameters: tenant_id, and now where time matters.

-- name: i05_only_kits_are_made_of_parts
SELECT c.sku_id, p.kind AS found
FROM sku_component c
JOIN sku s ON s.tenant_id = c.tenant_id AND s.sku_id = c.sku_id
JOIN product p ON p.tenant_id = s.tenant_id AND p.product_id = s.product_id
WHERE c.tenant_id = %(tenant_id)s AND p.kind <> 'kit'

-- name: i05_what_may_be_sold_is_what_the_product_says
-- Active itself and by its product; a kit only while none of its parts is inactive or of an archived product.
SELECT s.sku_id, s.code, s.may_be_sold AS found
FROM sku s
JOIN product p ON p.tenant_id = s.tenant_id AND p.product_id = s.product_id
LEFT JOIN (
    SELECT DISTINCT c.sku_id
    FROM sku_component c
    JOIN sku part ON part.tenant_id = c.tenant_id AND part.sku_id = c.component_id
    JOIN product whole ON whole.tenant_id = part.tenant_id AND whole.product_id = part.product_id
    WHERE c.tenant_id = %(tenant_id)s AND (NOT part.is_active OR whole.status = 'archived')
) AS lacking ON lacking.sku_id = s.sku_id
WHERE s.tenant_id = %(tenant_id)s
    AND s.may_be_sold <> (s.is_active AND p.status = 'active' AND lacking.sku_id IS NULL)

-- name: i05_traits_are_what_the_product_says
-- Two sums side by side, not a join: a brand or tag without its row is found as well as a row without its brand or tag.
SELECT c.product_id, c.trait, sum(c.kept) AS found, sum(c.said) AS expected
FROM (
    SELECT x.product_id, x.trait, 1 AS kept, 0 AS said
    FROM product_trait x
    WHERE x.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT p.product_id, 'brand:' || p.brand, 0, 1
    FROM product p
    WHERE p.tenant_id = %(tenant_id)s AND p.brand <> ''
    UNION ALL
    SELECT p.product_id, 'tag:' || u.tag, 0, 1
    FROM product p CROSS JOIN LATERAL unnest(p.tags) AS u (tag)
    WHERE p.tenant_id = %(tenant_id)s
) AS c
GROUP BY c.product_id, c.trait
HAVING sum(c.kept) <> sum(c.said)

-- name: i16_every_edit_of_a_product_has_its_event
-- One event tells one edit of a product, of one or more of its SKUs, or of both; each of them counts its own.
SELECT p.product_id, greatest(p.version, v.version) - 1 AS found, coalesce(e.edits, 0) AS expected
FROM product p
LEFT JOIN (
    SELECT s.product_id, max(s.version) AS version
    FROM sku s
    WHERE s.tenant_id = %(tenant_id)s
    GROUP BY s.product_id
) AS v ON v.product_id = p.product_id
LEFT JOIN (
    SELECT x.subject_id, count(*) AS edits, max((x.data ->> 'version')::bigint) AS version
    FROM event_log x
    WHERE x.tenant_id = %(tenant_id)s AND x.kind = 'catalog.product_changed'
    GROUP BY x.subject_id
) AS e ON e.subject_id = p.product_id
WHERE p.tenant_id = %(tenant_id)s AND (
    greatest(p.version, v.version) - 1 > coalesce(e.edits, 0)
    OR p.version <> coalesce(e.version, 1)
)

-- name: i16_every_category_has_its_events
-- Its first version is told by its creation.
SELECT x.category_id, x.version AS found, x.events AS expected
FROM (
    SELECT c.category_id, c.version, (
        SELECT count(*) FROM event_log e
        WHERE e.tenant_id = %(tenant_id)s AND e.subject_id = c.category_id
            AND e.kind IN ('catalog.category_created', 'catalog.category_changed')
    ) AS events
    FROM category c
    WHERE c.tenant_id = %(tenant_id)s
) AS x
WHERE x.version <> x.events

-- name: i18_what_belongs_to_a_product_has_one
SELECT x.what, x.product_id
FROM (
    SELECT 'sku' AS what, s.product_id FROM sku s WHERE s.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT 'product_option', o.product_id FROM product_option o WHERE o.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT 'product_trait', r.product_id FROM product_trait r WHERE r.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT 'product_image', i.product_id FROM product_image i WHERE i.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT 'sku_term', t.product_id FROM sku_term t WHERE t.tenant_id = %(tenant_id)s
) AS x
LEFT JOIN product p ON p.tenant_id = %(tenant_id)s AND p.product_id = x.product_id
WHERE p.product_id IS NULL

-- name: i18_what_belongs_to_a_sku_has_one
SELECT x.what, x.sku_id
FROM (
    SELECT 'sku_component' AS what, c.sku_id FROM sku_component c WHERE c.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT 'sku_component', c.component_id FROM sku_component c WHERE c.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT 'sku_price', r.sku_id FROM sku_price r WHERE r.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT 'sku_barcode', b.sku_id FROM sku_barcode b WHERE b.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT 'product_image', i.sku_id FROM product_image i WHERE i.tenant_id = %(tenant_id)s AND i.sku_id IS NOT NULL
    UNION ALL
    SELECT 'sku_term', t.sku_id FROM sku_term t WHERE t.tenant_id = %(tenant_id)s
) AS x
LEFT JOIN sku s ON s.tenant_id = %(tenant_id)s AND s.sku_id = x.sku_id
WHERE s.sku_id IS NULL

-- name: i18_copies_are_of_a_picture_that_has_been_rendered
-- And each is smaller than its picture.
SELECT r.image_id, r.edge_px
FROM image_rendition r
LEFT JOIN product_image i ON i.tenant_id = r.tenant_id AND i.image_id = r.image_id
WHERE r.tenant_id = %(tenant_id)s
    AND (i.image_id IS NULL OR i.rendered_at IS NULL OR greatest(i.width_px, i.height_px) <= r.edge_px)

-- name: i18_what_is_in_a_category_has_one
SELECT x.what, x.id, x.category_id
FROM (
    SELECT 'product' AS what, p.product_id AS id, p.category_id
    FROM product p WHERE p.tenant_id = %(tenant_id)s AND p.category_id IS NOT NULL
    UNION ALL
    SELECT 'category', k.category_id, k.parent_id
    FROM category k WHERE k.tenant_id = %(tenant_id)s AND k.parent_id IS NOT NULL
) AS x
LEFT JOIN category c ON c.tenant_id = %(tenant_id)s AND c.category_id = x.category_id
WHERE c.category_id IS NULL
