-- name: version
SELECT version FROM price_rule_set WHERE tenant_id = %(tenant_id)s

-- name: rules
SELECT 'version', '', '', r.version, NULL::bigint FROM price_rule_set r WHERE r.tenant_id = %(tenant_id)s
UNION ALL
SELECT 'tax', x.country, x.tax_class, x.rate_ppm, NULL::bigint FROM tax_rate x WHERE x.tenant_id = %(tenant_id)s
UNION ALL
SELECT 'shipping', s.currency, s.tax_class, s.fee_minor, s.free_from_minor
FROM shipping_fee s WHERE s.tenant_id = %(tenant_id)s

-- name: raise_version
INSERT INTO price_rule_set (tenant_id, version)
SELECT t.tenant_id, 1 FROM tenant t WHERE t.tenant_id = %(tenant_id)s
ON CONFLICT (tenant_id) DO UPDATE SET version = price_rule_set.version + 1
RETURNING version

-- name: upsert_tax_rates
INSERT INTO tax_rate (tenant_id, country, tax_class, rate_ppm)
SELECT t.tenant_id, u.country, u.tax_class, u.rate_ppm
FROM tenant t CROSS JOIN unnest(%(countries)s::text[], %(tax_classes)s::text[], %(rates_ppm)s::bigint[])
    AS u (country, tax_class, rate_ppm)
WHERE t.tenant_id = %(tenant_id)s
ON CONFLICT (tenant_id, country, tax_class) DO UPDATE SET rate_ppm = excluded.rate_ppm
WHERE tax_rate.rate_ppm <> excluded.rate_ppm

-- name: delete_tax_rates
DELETE FROM tax_rate x
USING unnest(%(countries)s::text[], %(tax_classes)s::text[]) AS u (country, tax_class)
WHERE x.tenant_id = %(tenant_id)s AND x.country = u.country AND x.tax_class = u.tax_class

-- name: upsert_shipping_fees
INSERT INTO shipping_fee (tenant_id, currency, fee_minor, free_from_minor, tax_class)
SELECT t.tenant_id, u.currency, u.fee_minor, u.free_from_minor, u.tax_class
FROM tenant t CROSS JOIN unnest(
    %(currencies)s::text[], %(fees_minor)s::bigint[], %(free_from_minor)s::bigint[], %(tax_classes)s::text[]
) AS u (currency, fee_minor, free_from_minor, tax_class)
WHERE t.tenant_id = %(tenant_id)s
ON CONFLICT (tenant_id, currency) DO UPDATE
SET fee_minor = excluded.fee_minor, free_from_minor = excluded.free_from_minor, tax_class = excluded.tax_class
WHERE (shipping_fee.fee_minor, shipping_fee.free_from_minor, shipping_fee.tax_class)
    IS DISTINCT FROM (excluded.fee_minor, excluded.free_from_minor, excluded.tax_class)
