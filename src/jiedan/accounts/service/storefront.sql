-- How a merchant's shop shows itself.

-- name: put_storefront
INSERT INTO storefront (
    tenant_id, is_open, tagline, contact_email, contact_phone, terms, transfer_instructions, pays_on_delivery,
    cancel_until, edit_until, link_days, logo, logo_media_type, version, updated_at
)
SELECT
    t.tenant_id, %(is_open)s, %(tagline)s, %(contact_email)s, %(contact_phone)s, %(terms)s,
    %(transfer_instructions)s, %(pays_on_delivery)s, %(cancel_until)s, %(edit_until)s, %(link_days)s, NULL, '', %(version)s, %(now)s
FROM tenant t
WHERE t.tenant_id = %(tenant_id)s
ON CONFLICT (tenant_id) DO UPDATE SET
    is_open = excluded.is_open, tagline = excluded.tagline, contact_email = excluded.contact_email,
    contact_phone = excluded.contact_phone, terms = excluded.terms,
    transfer_instructions = excluded.transfer_instructions, pays_on_delivery = excluded.pays_on_delivery,
    cancel_until = excluded.cancel_until, edit_until = excluded.edit_until, link_days = excluded.link_days,
    version = excluded.version, updated_at = excluded.updated_at

-- name: put_logo
UPDATE storefront
SET logo = %(logo)s::bytea, logo_media_type = %(media_type)s, version = %(version)s, updated_at = %(now)s
WHERE tenant_id = %(tenant_id)s
