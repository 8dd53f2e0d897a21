-- name: insert_customers
INSERT INTO customer (
    tenant_id, customer_id, kind, name, phone, email, tax_number, external_id, locale, created_at, updated_at, version
)
SELECT t.tenant_id, u.customer_id, u.kind, u.name, u.phone, u.email, u.tax_number, u.external_id, u.locale,
    %(at)s, %(at)s, 1
FROM tenant t CROSS JOIN unnest(
    %(customer_ids)s::uuid[], %(kinds)s::text[], %(names)s::text[], %(phones)s::text[], %(emails)s::text[],
    %(tax_numbers)s::text[], %(external_ids)s::text[], %(locales)s::text[]
) AS u (customer_id, kind, name, phone, email, tax_number, external_id, locale)
WHERE t.tenant_id = %(tenant_id)s
ON CONFLICT (tenant_id, external_id) DO NOTHING
RETURNING customer_id

-- name: update_customers
UPDATE customer c
SET kind = u.kind, name = u.name, phone = u.phone, email = u.email, tax_number = u.tax_number, locale = u.locale,
    updated_at = %(at)s, version = c.version + 1
FROM unnest(
    %(customer_ids)s::uuid[], %(kinds)s::text[], %(names)s::text[], %(phones)s::text[], %(emails)s::text[],
    %(tax_numbers)s::text[], %(locales)s::text[]
) AS u (customer_id, kind, name, phone, email, tax_number, locale)
WHERE c.tenant_id = %(tenant_id)s AND c.customer_id = u.customer_id

-- name: raise_versions
UPDATE customer c SET updated_at = %(at)s, version = c.version + 1
WHERE c.tenant_id = %(tenant_id)s AND c.customer_id = ANY(%(customer_ids)s::uuid[])

-- name: delete_addresses
DELETE FROM customer_address WHERE tenant_id = %(tenant_id)s AND customer_id = ANY(%(customer_ids)s::uuid[])

-- name: delete_address
DELETE FROM customer_address
WHERE tenant_id = %(tenant_id)s AND customer_id = %(customer_id)s AND address_id = %(address_id)s
RETURNING address_id

-- name: clear_default_address
UPDATE customer_address SET is_default = false
WHERE tenant_id = %(tenant_id)s AND customer_id = %(customer_id)s AND is_default

-- name: update_address
UPDATE customer_address
SET label = %(label)s, is_default = %(is_default)s, country = %(country)s, name = %(name)s, phone = %(phone)s,
    company = %(company)s, region = %(region)s, city = %(city)s, district = %(district)s, line1 = %(line1)s,
    line2 = %(line2)s, postal_code = %(postal_code)s, lat = %(lat)s, lon = %(lon)s
WHERE tenant_id = %(tenant_id)s AND customer_id = %(customer_id)s AND address_id = %(address_id)s

-- name: insert_addresses
INSERT INTO customer_address (
    tenant_id, address_id, customer_id, label, is_default, country, name, phone, company, region, city, district,
    line1, line2, postal_code, lat, lon
)
SELECT t.tenant_id, u.address_id, u.customer_id, u.label, u.is_default, u.country, u.name, u.phone, u.company,
    u.region, u.city, u.district, u.line1, u.line2, u.postal_code, u.lat, u.lon
FROM tenant t CROSS JOIN unnest(
    %(address_ids)s::uuid[], %(customer_ids)s::uuid[], %(labels)s::text[], %(is_default)s::boolean[],
    %(countries)s::text[], %(names)s::text[], %(phones)s::text[], %(companies)s::text[], %(regions)s::text[],
    %(cities)s::text[], %(districts)s::text[], %(lines1)s::text[], %(lines2)s::text[], %(postal_codes)s::text[],
    %(lats)s::float8[], %(lons)s::float8[]
) AS u (
    address_id, customer_id, label, is_default, country, name, phone, company, region, city, district,
    line1, line2, postal_code, lat, lon
)
WHERE t.tenant_id = %(tenant_id)s

-- name: insert_tags
INSERT INTO customer_tag (tenant_id, customer_id, tag)
SELECT t.tenant_id, u.customer_id, u.tag
FROM tenant t CROSS JOIN unnest(%(customer_ids)s::uuid[], %(tags)s::text[]) AS u (customer_id, tag)
WHERE t.tenant_id = %(tenant_id)s
ON CONFLICT DO NOTHING

-- name: delete_tags
DELETE FROM customer_tag
WHERE tenant_id = %(tenant_id)s AND customer_id = %(customer_id)s AND NOT (tag = ANY(%(keep)s::text[]))

-- name: write_exemptions
INSERT INTO customer_tax_exemption (
    tenant_id, customer_id, exemption_id, kind, number, places, classes, from_at, until_at, note
)
SELECT t.tenant_id, u.customer_id, u.exemption_id, u.kind, u.number,
    ARRAY(SELECT jsonb_array_elements_text(u.places::jsonb)),
    ARRAY(SELECT jsonb_array_elements_text(u.classes::jsonb)), u.from_at, u.until_at, u.note
FROM tenant t CROSS JOIN unnest(
    %(customer_ids)s::uuid[], %(exemption_ids)s::uuid[], %(kinds)s::text[], %(numbers)s::text[], %(places)s::text[],
    %(classes)s::text[], %(from_at)s::timestamptz[], %(until_at)s::timestamptz[], %(notes)s::text[]
) AS u (customer_id, exemption_id, kind, number, places, classes, from_at, until_at, note)
WHERE t.tenant_id = %(tenant_id)s
ON CONFLICT (tenant_id, customer_id, exemption_id) DO UPDATE
SET kind = excluded.kind, number = excluded.number, places = excluded.places,
    classes = excluded.classes, from_at = excluded.from_at, until_at = excluded.until_at, note = excluded.note

-- name: delete_exemption
DELETE FROM customer_tax_exemption
WHERE tenant_id = %(tenant_id)s AND customer_id = %(customer_id)s AND exemption_id = %(exemption_id)s
RETURNING exemption_id

-- name: write_certificate
INSERT INTO customer_tax_certificate (
    tenant_id, customer_id, exemption_id, media_type, document, digest, kept_at
)
SELECT t.tenant_id, %(customer_id)s, %(exemption_id)s, %(media_type)s, %(document)s::bytea, %(digest)s::bytea, %(at)s
FROM tenant t
WHERE t.tenant_id = %(tenant_id)s
ON CONFLICT (tenant_id, customer_id, exemption_id) DO UPDATE
SET media_type = excluded.media_type, document = excluded.document, digest = excluded.digest,
    kept_at = excluded.kept_at

-- name: delete_certificate
DELETE FROM customer_tax_certificate
WHERE tenant_id = %(tenant_id)s AND customer_id = %(customer_id)s AND exemption_id = %(exemption_id)s

-- name: insert_note
INSERT INTO customer_note (tenant_id, note_id, customer_id, text, author, written_at)
SELECT t.tenant_id, %(note_id)s, %(customer_id)s, %(text)s, %(author)s, %(at)s
FROM tenant t WHERE t.tenant_id = %(tenant_id)s

-- name: insert_consent
INSERT INTO customer_consent (tenant_id, consent_id, customer_id, purpose, is_granted, source, recorded_at)
SELECT t.tenant_id, %(consent_id)s, %(customer_id)s, %(purpose)s, %(is_granted)s, %(source)s, %(at)s
FROM tenant t WHERE t.tenant_id = %(tenant_id)s

-- name: point_to_survivor
UPDATE customer SET merged_into = %(survivor_id)s, updated_at = %(at)s
WHERE tenant_id = %(tenant_id)s AND (customer_id = %(merged_id)s OR merged_into = %(merged_id)s)
RETURNING customer_id

-- name: point_back
UPDATE customer
SET merged_into = CASE WHEN customer_id = %(merged_id)s THEN NULL ELSE %(merged_id)s END, updated_at = %(at)s
WHERE tenant_id = %(tenant_id)s AND customer_id = ANY(%(customer_ids)s::uuid[])

-- name: insert_contacts
INSERT INTO customer_contact (tenant_id, customer_id, kind, value, label)
SELECT t.tenant_id, %(customer_id)s, u.kind, u.value, ''
FROM tenant t CROSS JOIN unnest(%(kinds)s::text[], %(contacts)s::text[]) AS u (kind, value)
WHERE t.tenant_id = %(tenant_id)s
ON CONFLICT (tenant_id, customer_id, kind, value) DO NOTHING

-- name: drop_contacts
-- Those that nobody brings any more who is merged into the customer.
DELETE FROM customer_contact c
WHERE c.tenant_id = %(tenant_id)s AND c.customer_id = %(customer_id)s AND NOT EXISTS (
    SELECT 1 FROM customer m
    WHERE m.tenant_id = %(tenant_id)s AND m.merged_into = %(customer_id)s
        AND c.value = CASE c.kind WHEN 'phone' THEN m.phone ELSE m.email END
)

-- name: insert_merge
INSERT INTO customer_merge (tenant_id, merge_id, survivor_id, merged_id, moved, merged_at, merged_by)
SELECT t.tenant_id, %(merge_id)s, %(survivor_id)s, %(merged_id)s, %(moved)s::jsonb, %(at)s, %(by)s
FROM tenant t WHERE t.tenant_id = %(tenant_id)s

-- name: standing_merge
SELECT merge_id, survivor_id, moved, merged_at FROM customer_merge
WHERE tenant_id = %(tenant_id)s AND merged_id = %(merged_id)s AND undone_at IS NULL
FOR NO KEY UPDATE

-- name: undo_merge
UPDATE customer_merge SET undone_at = %(at)s WHERE tenant_id = %(tenant_id)s AND merge_id = %(merge_id)s

-- name: hold_customers
-- Whoever changes what is kept of a customer locks its row first: what is read after this is of one moment.
SELECT customer_id FROM customer
WHERE tenant_id = %(tenant_id)s AND customer_id = ANY(%(customer_ids)s::uuid[])
ORDER BY customer_id
FOR SHARE

-- name: delete_terms
DELETE FROM customer_term WHERE tenant_id = %(tenant_id)s AND customer_id = ANY(%(customer_ids)s::uuid[])

-- name: insert_terms
INSERT INTO customer_term (tenant_id, term, customer_id)
SELECT t.tenant_id, u.term, u.customer_id
FROM tenant t CROSS JOIN unnest(%(terms)s::text[], %(customer_ids)s::uuid[]) AS u (term, customer_id)
WHERE t.tenant_id = %(tenant_id)s
ON CONFLICT DO NOTHING
