-- Goods as prices see them.

-- name: goods
SELECT
    s.code, s.option_values, s.weight_g, s.length_mm, s.width_mm, s.height_mm,
    p.code, p.name, p.kind, p.tax_class, p.category_id, p.brand, p.tags,
    ARRAY(
        SELECT o.name FROM product_option o
        WHERE o.tenant_id = s.tenant_id AND o.product_id = s.product_id ORDER BY o.position
    ),
    price.currencies, price.min_quantities, price.units_minor
FROM sku s
JOIN product p ON p.tenant_id = s.tenant_id AND p.product_id = s.product_id
CROSS JOIN LATERAL (
    SELECT
        array_agg(x.currency ORDER BY x.currency, x.min_quantity),
        array_agg(x.min_quantity ORDER BY x.currency, x.min_quantity),
        array_agg(x.unit_minor ORDER BY x.currency, x.min_quantity)
    FROM sku_price x
    WHERE x.tenant_id = s.tenant_id AND x.sku_id = s.sku_id
) AS price (currencies, min_quantities, units_minor)
WHERE s.tenant_id = %(tenant_id)s AND s.code = ANY(%(codes)s::text[])
ORDER BY s.code

-- name: cheapest
-- The SKUs that cost the least in a currency: where a discount is most likely to be more than goods are worth.
SELECT s.code
FROM sku_price x
JOIN sku s ON s.tenant_id = x.tenant_id AND s.sku_id = x.sku_id
WHERE x.tenant_id = %(tenant_id)s AND x.currency = ANY(%(currencies)s::text[]) AND x.unit_minor > 0 AND s.may_be_sold
ORDER BY x.unit_minor, s.code
LIMIT %(most)s

-- name: traits_there
-- Of these traits, those that some product has; a category without products is there as well.
-- One product is looked at for each, however many have it.
SELECT 'product:' || p.code FROM product p
WHERE p.tenant_id = %(tenant_id)s AND p.code = ANY(%(products)s::text[])
UNION ALL
SELECT 'category:' || c.code FROM category c
WHERE c.tenant_id = %(tenant_id)s AND c.code = ANY(%(categories)s::text[])
UNION ALL
SELECT one.trait FROM unnest(%(traits)s::text[]) AS u (trait)
CROSS JOIN LATERAL (
    SELECT x.trait FROM product_trait x
    WHERE x.tenant_id = %(tenant_id)s AND x.trait = u.trait
    LIMIT 1
) AS one
