-- name: existing
-- CASE, not coalesce(): row-level security keeps what PostgreSQL does not call leakproof out of index conditions.
-- Duplicates are not sorted here: in the order of ids all customers would be read for the few that were merged.
SELECT c.customer_id, s.customer_id, s.kind, s.name, s.phone, s.email, s.kind = 'company' AND s.tax_number <> '',
    ARRAY(
        SELECT jsonb_build_object(
            'exemption_id', x.exemption_id, 'kind', x.kind, 'number', x.number, 'places', x.places,
            'classes', x.classes, 'from_at', x.from_at, 'until_at', x.until_at
        )
        FROM customer_tax_exemption x
        WHERE x.tenant_id = %(tenant_id)s AND x.customer_id = s.customer_id
        ORDER BY x.exemption_id
    ),
    ARRAY(
        SELECT m.customer_id FROM customer m
        WHERE m.tenant_id = %(tenant_id)s AND m.merged_into = s.customer_id
        LIMIT %(merged_max)s
    )
FROM customer c
JOIN customer s ON s.tenant_id = c.tenant_id
    AND s.customer_id = CASE WHEN c.merged_into IS NULL THEN c.customer_id ELSE c.merged_into END
WHERE c.tenant_id = %(tenant_id)s AND c.customer_id = ANY(%(customer_ids)s::uuid[]) AND s.erasing_since IS NULL

-- name: existing_held
-- As above; held so that none of them is erased before what names it is there.
SELECT c.customer_id, s.customer_id, s.kind, s.name, s.phone, s.email, s.kind = 'company' AND s.tax_number <> '',
    ARRAY(
        SELECT jsonb_build_object(
            'exemption_id', x.exemption_id, 'kind', x.kind, 'number', x.number, 'places', x.places,
            'classes', x.classes, 'from_at', x.from_at, 'until_at', x.until_at
        )
        FROM customer_tax_exemption x
        WHERE x.tenant_id = %(tenant_id)s AND x.customer_id = s.customer_id
        ORDER BY x.exemption_id
    ),
    ARRAY(
        SELECT m.customer_id FROM customer m
        WHERE m.tenant_id = %(tenant_id)s AND m.merged_into = s.customer_id
        LIMIT %(merged_max)s
    ),
    -- Of a row that was waited for, this is as it became; what led to it is as it was before.
    s.merged_into IS NOT NULL
FROM customer c
JOIN customer s ON s.tenant_id = c.tenant_id
    AND s.customer_id = CASE WHEN c.merged_into IS NULL THEN c.customer_id ELSE c.merged_into END
WHERE c.tenant_id = %(tenant_id)s AND c.customer_id = ANY(%(customer_ids)s::uuid[]) AND s.erasing_since IS NULL
ORDER BY s.customer_id
FOR SHARE OF s

-- name: identities
-- One customer under every id it ever had: its survivor's, and those of all that were merged into that.
SELECT a.asked_id, d.customer_id
FROM unnest(%(customer_ids)s::uuid[]) AS a (asked_id)
JOIN customer c ON c.tenant_id = %(tenant_id)s AND c.customer_id = a.asked_id
CROSS JOIN LATERAL (
    SELECT s.customer_id FROM customer s
    WHERE s.tenant_id = %(tenant_id)s
        AND s.customer_id = CASE WHEN c.merged_into IS NULL THEN c.customer_id ELSE c.merged_into END
    UNION ALL
    SELECT * FROM (
        SELECT m.customer_id FROM customer m
        WHERE m.tenant_id = %(tenant_id)s
            AND m.merged_into = CASE WHEN c.merged_into IS NULL THEN c.customer_id ELSE c.merged_into END
        ORDER BY m.customer_id DESC
        LIMIT %(merged_max)s
    ) AS latest
) AS d
ORDER BY a.asked_id, d.customer_id

-- name: customers
SELECT customer_id, kind, name, phone, email, tax_number, external_id, locale, merged_into, created_at, version,
    erasing_since, erased_at
FROM customer
WHERE tenant_id = %(tenant_id)s AND customer_id = ANY(%(customer_ids)s::uuid[])

-- name: customers_for_update
SELECT customer_id, kind, name, phone, email, tax_number, external_id, locale, merged_into, created_at, version,
    erasing_since, erased_at
FROM customer
WHERE tenant_id = %(tenant_id)s AND customer_id = ANY(%(customer_ids)s::uuid[])
ORDER BY customer_id
FOR NO KEY UPDATE

-- name: ids_by_external_id
SELECT external_id, customer_id FROM customer
WHERE tenant_id = %(tenant_id)s AND external_id = ANY(%(external_ids)s::text[])

-- name: survivors_by_external_id
SELECT c.external_id, coalesce(c.merged_into, c.customer_id) FROM customer c
WHERE c.tenant_id = %(tenant_id)s AND c.external_id = ANY(%(external_ids)s::text[])

-- name: addresses
SELECT customer_id, address_id, label, is_default, country, name, phone, company, region, city, district,
    line1, line2, postal_code, lat, lon
FROM customer_address
WHERE tenant_id = %(tenant_id)s AND customer_id = ANY(%(customer_ids)s::uuid[])
ORDER BY customer_id, is_default DESC, address_id

-- name: contacts
SELECT customer_id, kind, value FROM customer_contact
WHERE tenant_id = %(tenant_id)s AND customer_id = ANY(%(customer_ids)s::uuid[])
ORDER BY customer_id, kind, value

-- name: tags
SELECT customer_id, tag FROM customer_tag
WHERE tenant_id = %(tenant_id)s AND customer_id = ANY(%(customer_ids)s::uuid[])
ORDER BY customer_id, tag

-- name: groups
SELECT m.customer_id, g.group_id, g.code, g.name
FROM customer_group_member m
JOIN customer_group g ON g.tenant_id = m.tenant_id AND g.group_id = m.group_id
WHERE m.tenant_id = %(tenant_id)s AND m.customer_id = ANY(%(customer_ids)s::uuid[])
ORDER BY m.customer_id, g.code

-- name: row_facts
SELECT c.customer_id, p.city, p.region,
    ARRAY(
        SELECT t.tag FROM customer_tag t
        WHERE t.tenant_id = %(tenant_id)s AND t.customer_id = c.customer_id
        ORDER BY t.tag
    ),
    ARRAY(
        SELECT g.code FROM customer_group_member m
        JOIN customer_group g ON g.tenant_id = m.tenant_id AND g.group_id = m.group_id
        WHERE m.tenant_id = %(tenant_id)s AND m.customer_id = c.customer_id
        ORDER BY g.code
    )
FROM customer c
LEFT JOIN LATERAL (
    SELECT a.city, a.region FROM customer_address a
    WHERE a.tenant_id = %(tenant_id)s AND a.customer_id = c.customer_id
    ORDER BY a.is_default DESC, a.address_id
    LIMIT 1
) AS p ON true
WHERE c.tenant_id = %(tenant_id)s AND c.customer_id = ANY(%(customer_ids)s::uuid[])

-- name: notes
SELECT customer_id, text, author, written_at FROM customer_note
WHERE tenant_id = %(tenant_id)s AND customer_id = ANY(%(customer_ids)s::uuid[])
ORDER BY customer_id, note_id DESC

-- name: consents
SELECT DISTINCT ON (customer_id, purpose) customer_id, purpose, is_granted, recorded_at FROM customer_consent
WHERE tenant_id = %(tenant_id)s AND customer_id = ANY(%(customer_ids)s::uuid[])
ORDER BY customer_id, purpose, consent_id DESC

-- name: having_terms
SELECT DISTINCT f.customer_id
FROM unnest(%(terms)s::text[]) AS u (term)
CROSS JOIN LATERAL (
    SELECT t.customer_id FROM customer_term t
    WHERE t.tenant_id = %(tenant_id)s AND t.term = u.term AND t.customer_id <> %(customer_id)s
    ORDER BY t.customer_id
    LIMIT %(duplicates_max)s
) AS f
ORDER BY f.customer_id
LIMIT %(duplicates_max)s

-- name: count_notes
SELECT count(*) FROM customer_note WHERE tenant_id = %(tenant_id)s AND customer_id = %(customer_id)s

-- name: count_terms
SELECT u.place, (
    SELECT count(*) FROM (
        SELECT 1 FROM customer_term t
        WHERE t.tenant_id = %(tenant_id)s AND t.term >= u.term AND t.term < u.term_end
        LIMIT %(count_max)s
    ) AS counted
)
FROM unnest(%(terms)s::text[], %(term_ends)s::text[]) WITH ORDINALITY AS u (term, term_end, place)
ORDER BY u.place

-- name: matching_customers
SELECT DISTINCT c.customer_id
FROM (
    SELECT t.customer_id
    FROM customer_term t
    WHERE t.tenant_id = %(tenant_id)s AND t.term >= %(rarest)s AND t.term < %(rarest_end)s
    ORDER BY t.term, t.customer_id
    LIMIT %(matches_max)s
) AS c
WHERE NOT EXISTS (
    SELECT 1
    FROM unnest(%(terms)s::text[], %(term_ends)s::text[]) AS u (term, term_end)
    WHERE NOT EXISTS (
        SELECT 1 FROM customer_term o
        WHERE o.tenant_id = %(tenant_id)s AND o.customer_id = c.customer_id
            AND o.term >= u.term AND o.term < u.term_end
    )
)

-- name: without_account
-- Customers with an address, as far as the drain has found them, of whom none has an account.
SELECT c.customer_id
FROM customer_term t
JOIN customer c ON c.tenant_id = t.tenant_id AND c.customer_id = t.customer_id
WHERE t.tenant_id = %(tenant_id)s AND t.term = %(term)s AND c.email = %(email)s AND c.merged_into IS NULL
    AND c.erasing_since IS NULL
    AND NOT EXISTS (
        SELECT 1 FROM customer_account a
        WHERE a.tenant_id = %(tenant_id)s AND a.customer_id = c.customer_id
    )
ORDER BY c.customer_id
LIMIT %(customers_max)s

-- name: exemptions
SELECT x.customer_id, x.exemption_id, x.kind, x.number, x.places, x.classes, x.from_at, x.until_at, x.note
FROM customer_tax_exemption x
WHERE x.tenant_id = %(tenant_id)s AND x.customer_id = ANY(%(customer_ids)s::uuid[])
ORDER BY x.customer_id, x.exemption_id

-- name: consents_given
SELECT s.purpose, s.is_granted, s.source, s.recorded_at
FROM customer_consent s
WHERE s.tenant_id = %(tenant_id)s AND s.customer_id = ANY(%(customer_ids)s::uuid[])
ORDER BY s.consent_id

-- name: all_identities
SELECT c.customer_id FROM customer c
WHERE c.tenant_id = %(tenant_id)s AND (c.customer_id = %(customer_id)s OR c.merged_into = %(customer_id)s)
ORDER BY c.customer_id
