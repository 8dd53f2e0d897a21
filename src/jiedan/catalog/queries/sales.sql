-- Reads that other modules put into their own pipelines.

-- name: sellable_skus
SELECT
    s.sku_id, s.code, s.product_id, p.name, s.option_values, p.kind, s.is_active AND p.status = 'active',
    p.tax_class, s.weight_g, c.component_id, c.quantity, part.is_active AND whole.status <> 'archived',
    s.order_minimum, s.order_maximum, s.order_step, s.order_pack
FROM sku s
JOIN product p ON p.tenant_id = s.tenant_id AND p.product_id = s.product_id
LEFT JOIN sku_component c ON c.tenant_id = s.tenant_id AND c.sku_id = s.sku_id
LEFT JOIN sku part ON part.tenant_id = c.tenant_id AND part.sku_id = c.component_id
LEFT JOIN product whole ON whole.tenant_id = part.tenant_id AND whole.product_id = part.product_id
WHERE s.tenant_id = %(tenant_id)s AND s.code = ANY(%(codes)s::text[])
ORDER BY s.sku_id, c.component_id

-- In one statement, so that a price and what it is the price of were never changed in between.
-- name: offers
SELECT
    s.sku_id, s.code, s.product_id, p.name, s.option_values, p.kind, s.is_active AND p.status = 'active',
    p.tax_class, s.weight_g, c.component_id, c.quantity, part.is_active AND whole.status <> 'archived',
    s.order_minimum, s.order_maximum, s.order_step, s.order_pack,
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
LEFT JOIN sku_component c ON c.tenant_id = s.tenant_id AND c.sku_id = s.sku_id
LEFT JOIN sku part ON part.tenant_id = c.tenant_id AND part.sku_id = c.component_id
LEFT JOIN product whole ON whole.tenant_id = part.tenant_id AND whole.product_id = part.product_id
WHERE s.tenant_id = %(tenant_id)s AND s.code = ANY(%(codes)s::text[])
ORDER BY s.sku_id, c.component_id

-- name: skus_by_id
SELECT
    s.sku_id, s.code, s.product_id, p.name, s.option_values, p.kind, s.is_active AND p.status = 'active',
    p.tax_class, s.weight_g, c.component_id, c.quantity, part.is_active AND whole.status <> 'archived',
    s.order_minimum, s.order_maximum, s.order_step, s.order_pack
FROM sku s
JOIN product p ON p.tenant_id = s.tenant_id AND p.product_id = s.product_id
LEFT JOIN sku_component c ON c.tenant_id = s.tenant_id AND c.sku_id = s.sku_id
LEFT JOIN sku part ON part.tenant_id = c.tenant_id AND part.sku_id = c.component_id
LEFT JOIN product whole ON whole.tenant_id = part.tenant_id AND whole.product_id = part.product_id
WHERE s.tenant_id = %(tenant_id)s AND s.sku_id = ANY(%(sku_ids)s::uuid[])
ORDER BY s.sku_id, c.component_id

-- name: price_tiers
SELECT s.code, x.currency, x.min_quantity, x.unit_minor
FROM sku s
JOIN sku_price x ON x.tenant_id = s.tenant_id AND x.sku_id = s.sku_id
WHERE s.tenant_id = %(tenant_id)s AND s.code = ANY(%(codes)s::text[])
    AND (%(currencies)s::text[] IS NULL OR x.currency = ANY(%(currencies)s::text[]))
ORDER BY s.code, x.currency, x.min_quantity
