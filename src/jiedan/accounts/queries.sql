-- Reads of accounts that share a pipeline with other modules' loads.

-- name: settings
SELECT
    m.tenant_id, m.slug, m.name, m.country, m.time_zone, m.currency, m.currencies, m.locale, m.locales,
    m.order_number_pattern, m.payment_terms, m.expiry_minutes, m.split, m.backorder, m.prices_include_tax,
    m.release_on_authorization, m.version
FROM merchant m
WHERE m.tenant_id = %(tenant_id)s

-- name: credentials_alive
SELECT s.session_id
FROM staff_session s JOIN staff p ON p.tenant_id = s.tenant_id AND p.staff_id = s.staff_id
WHERE s.tenant_id = %(tenant_id)s AND s.session_id = ANY(%(credential_ids)s::uuid[]) AND p.is_active
UNION ALL
SELECT k.api_key_id
FROM api_key k LEFT JOIN staff p ON p.tenant_id = k.tenant_id AND p.staff_id = k.created_by
WHERE k.tenant_id = %(tenant_id)s AND k.api_key_id = ANY(%(credential_ids)s::uuid[])
    AND k.revoked_at IS NULL AND (k.created_by IS NULL OR p.is_active)
