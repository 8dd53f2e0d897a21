-- What a merchant has decided, read in one pipeline with the loads of other modules, and the shop it shows.

-- name: settings
SELECT
    m.tenant_id, m.slug, m.name, m.country, m.time_zone, m.currency, m.currencies, m.locale, m.locales,
    m.order_number_pattern, m.payment_terms, m.expiry_minutes, m.split, m.backorder, m.prices_include_tax,
    m.release_on_authorization, m.late_money, m.version, m.accent_hue
FROM merchant m
WHERE m.tenant_id = %(tenant_id)s

-- name: settings_for_update
SELECT
    m.tenant_id, m.slug, m.name, m.country, m.time_zone, m.currency, m.currencies, m.locale, m.locales,
    m.order_number_pattern, m.payment_terms, m.expiry_minutes, m.split, m.backorder, m.prices_include_tax,
    m.release_on_authorization, m.late_money, m.version, m.accent_hue
FROM merchant m
WHERE m.tenant_id = %(tenant_id)s
FOR NO KEY UPDATE

-- name: storefront
SELECT
    f.is_open, d.host, f.tagline, f.contact_email, f.contact_phone, f.terms, f.transfer_instructions,
    f.pays_on_delivery, f.cancel_until, f.edit_until, f.link_days, f.logo IS NOT NULL, f.version
FROM directory d
JOIN storefront f ON f.tenant_id = d.tenant_id
WHERE d.tenant_id = %(tenant_id)s

-- name: storefront_for_update
SELECT
    f.is_open, d.host, f.tagline, f.contact_email, f.contact_phone, f.terms, f.transfer_instructions,
    f.pays_on_delivery, f.cancel_until, f.edit_until, f.link_days, f.logo IS NOT NULL, f.version
FROM directory d
JOIN storefront f ON f.tenant_id = d.tenant_id
WHERE d.tenant_id = %(tenant_id)s
ORDER BY f.tenant_id
FOR NO KEY UPDATE OF f

-- name: logo
SELECT f.logo, f.logo_media_type FROM storefront f WHERE f.tenant_id = %(tenant_id)s AND f.logo IS NOT NULL
