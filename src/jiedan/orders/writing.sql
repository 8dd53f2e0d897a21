-- What people write on orders: holds, notes, tags, addresses, contact and wishes.

-- name: insert_holds
INSERT INTO order_hold (
    tenant_id, hold_id, order_id, kind, reason, lift_permission, deadline_at, placed_at, placed_by_kind, placed_by_id
)
SELECT t.tenant_id, u.hold_id, u.order_id, u.kind, u.reason, u.lift_permission, u.deadline_at,
    %(at)s, %(by_kind)s, %(by_id)s
FROM tenant t CROSS JOIN unnest(
    %(hold_ids)s::uuid[], %(order_ids)s::uuid[], %(kinds)s::text[], %(reasons)s::text[],
    %(lift_permissions)s::text[], %(deadlines)s::timestamptz[]
) AS u (hold_id, order_id, kind, reason, lift_permission, deadline_at)
WHERE t.tenant_id = %(tenant_id)s

-- name: lift_holds
UPDATE order_hold h
SET lifted_at = %(at)s, lifted_by_kind = %(by_kind)s, lifted_by_id = %(by_id)s, lift_reason = u.reason
FROM unnest(%(hold_ids)s::uuid[], %(reasons)s::text[]) AS u (hold_id, reason)
WHERE h.tenant_id = %(tenant_id)s AND h.hold_id = u.hold_id AND h.lifted_at IS NULL

-- name: set_line_prices
UPDATE order_line l
SET unit_minor = u.unit_minor, discount_minor = u.discount_minor, tax_minor = u.tax_minor,
    tax_rate_ppm = u.tax_rate_ppm, total_minor = u.total_minor, price_source = u.price_source,
    price_reason = u.price_reason, ruled_minor = u.ruled_minor, by_hand_minor = u.by_hand_minor,
    placed_source = u.placed_source, placed_unit_minor = u.placed_unit_minor,
    placed_discount_minor = u.placed_discount_minor, placed_by_hand_minor = u.placed_by_hand_minor,
    attributes = u.attributes::jsonb, placed_attributes = u.placed_attributes::jsonb, relief_minor = u.relief_minor,
    tax_class = u.tax_class, taxes = u.taxes::jsonb
FROM unnest(
    %(line_ids)s::uuid[], %(unit_minor)s::bigint[], %(discount_minor)s::bigint[], %(tax_minor)s::bigint[],
    %(tax_rates_ppm)s::bigint[], %(total_minor)s::bigint[], %(price_sources)s::text[], %(price_reasons)s::text[],
    %(ruled_minor)s::bigint[], %(by_hand_minor)s::bigint[], %(placed_sources)s::text[],
    %(placed_unit_minor)s::bigint[], %(placed_discount_minor)s::bigint[], %(placed_by_hand_minor)s::bigint[],
    %(attributes)s::text[], %(placed_attributes)s::text[], %(relief_minor)s::bigint[], %(tax_classes)s::text[],
    %(taxes)s::text[]
) AS u (
    line_id, unit_minor, discount_minor, tax_minor, tax_rate_ppm, total_minor, price_source, price_reason, ruled_minor,
    by_hand_minor, placed_source, placed_unit_minor, placed_discount_minor, placed_by_hand_minor, attributes,
    placed_attributes, relief_minor, tax_class, taxes
)
WHERE l.tenant_id = %(tenant_id)s AND l.line_id = u.line_id

-- name: insert_fees
-- Fees of nothing as yet: what they cost is set as that of any line.
INSERT INTO order_line (
    tenant_id, line_id, order_id, line, kind, code, name, placed_at, ordered, canceled, allocated, shipped, delivered,
    returned, performed, unit_minor, discount_minor, tax_minor, tax_rate_ppm, tax_class, tax_included, total_minor,
    price_source
)
SELECT t.tenant_id, u.line_id, u.order_id, u.line, u.kind, u.code, u.name, u.placed_at, 1, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, u.tax_class, u.tax_included, 0, 'rule'
FROM tenant t CROSS JOIN unnest(
    %(line_id)s::uuid[], %(order_id)s::uuid[], %(line)s::bigint[], %(kind)s::text[], %(code)s::text[],
    %(name)s::text[], %(placed_at)s::timestamptz[], %(tax_included)s::boolean[], %(tax_class)s::text[]
) AS u (line_id, order_id, line, kind, code, name, placed_at, tax_included, tax_class)
WHERE t.tenant_id = %(tenant_id)s

-- name: insert_notes
INSERT INTO order_note (tenant_id, note_id, order_id, kind, text, written_at, author_kind, author_id)
SELECT t.tenant_id, u.note_id, %(order_id)s, u.kind, u.text, %(at)s, %(by_kind)s, %(by_id)s
FROM tenant t CROSS JOIN unnest(%(note_ids)s::uuid[], %(kinds)s::text[], %(texts)s::text[]) AS u (note_id, kind, text)
WHERE t.tenant_id = %(tenant_id)s

-- name: insert_references
INSERT INTO order_reference (tenant_id, order_id, reference)
SELECT t.tenant_id, u.order_id, u.reference
FROM tenant t CROSS JOIN unnest(%(order_ids)s::uuid[], %(references)s::text[]) AS u (order_id, reference)
WHERE t.tenant_id = %(tenant_id)s
ON CONFLICT (tenant_id, order_id, reference) DO NOTHING

-- name: delete_tags
DELETE FROM order_tag
WHERE tenant_id = %(tenant_id)s AND order_id = %(order_id)s AND NOT (tag = ANY(%(tags)s::text[]))

-- name: insert_tags
INSERT INTO order_tag (tenant_id, order_id, tag)
SELECT t.tenant_id, %(order_id)s, u.tag
FROM tenant t CROSS JOIN unnest(%(tags)s::text[]) AS u (tag)
WHERE t.tenant_id = %(tenant_id)s
ON CONFLICT DO NOTHING

-- name: insert_tags_of
INSERT INTO order_tag (tenant_id, order_id, tag)
SELECT t.tenant_id, u.order_id, u.tag
FROM tenant t CROSS JOIN unnest(%(order_ids)s::uuid[], %(tags)s::text[]) AS u (order_id, tag)
WHERE t.tenant_id = %(tenant_id)s
ON CONFLICT DO NOTHING

-- name: delete_tags_of
DELETE FROM order_tag g
USING unnest(%(order_ids)s::uuid[], %(tags)s::text[]) AS u (order_id, tag)
WHERE g.tenant_id = %(tenant_id)s AND g.order_id = u.order_id AND g.tag = u.tag

-- name: insert_notes_of
INSERT INTO order_note (tenant_id, note_id, order_id, kind, text, written_at, author_kind, author_id)
SELECT t.tenant_id, u.note_id, u.order_id, u.kind, u.text, %(at)s, %(by_kind)s, %(by_id)s
FROM tenant t CROSS JOIN unnest(%(order_ids)s::uuid[], %(note_ids)s::uuid[], %(kinds)s::text[], %(texts)s::text[])
    AS u (order_id, note_id, kind, text)
WHERE t.tenant_id = %(tenant_id)s

-- name: set_tax
UPDATE orders SET tax = %(tax)s::jsonb
WHERE tenant_id = %(tenant_id)s AND order_id = %(order_id)s

-- name: raise_versions
UPDATE orders SET version = version + 1
WHERE tenant_id = %(tenant_id)s AND order_id = ANY(%(order_ids)s::uuid[])
RETURNING order_id, version

-- name: assign_orders
UPDATE orders o SET assignee_id = u.assignee_id, version = o.version + 1
FROM unnest(%(order_ids)s::uuid[], %(assignee_ids)s::uuid[]) AS u (order_id, assignee_id)
WHERE o.tenant_id = %(tenant_id)s AND o.order_id = u.order_id
RETURNING o.order_id, o.version

-- name: delete_addresses
DELETE FROM order_address
WHERE tenant_id = %(tenant_id)s AND order_id = %(order_id)s AND kind = ANY(%(kinds)s::text[])

-- name: insert_addresses
INSERT INTO order_address (
    tenant_id, order_id, kind, country, name, phone, company, region, city, district, line1, line2, postal_code, lat, lon
)
SELECT t.tenant_id, %(order_id)s, u.kind, u.country, u.name, u.phone, u.company, u.region, u.city, u.district,
    u.line1, u.line2, u.postal_code, u.lat, u.lon
FROM tenant t CROSS JOIN unnest(
    %(kinds)s::text[], %(countries)s::text[], %(names)s::text[], %(phones)s::text[], %(companies)s::text[],
    %(regions)s::text[], %(cities)s::text[], %(districts)s::text[], %(lines1)s::text[], %(lines2)s::text[],
    %(postal_codes)s::text[], %(lats)s::float8[], %(lons)s::float8[]
) AS u (kind, country, name, phone, company, region, city, district, line1, line2, postal_code, lat, lon)
WHERE t.tenant_id = %(tenant_id)s

-- name: update_head
UPDATE orders
SET contact_name = %(name)s, contact_phone = %(phone)s, contact_email = %(email)s, delivery_wish = %(delivery_wish)s,
    requested_location_id = %(location_id)s, tax = %(tax)s::jsonb, shipping_method = %(shipping_method)s,
    shipping_name = %(shipping_name)s, line_count = %(line_count)s, version = version + 1
WHERE tenant_id = %(tenant_id)s AND order_id = %(order_id)s
RETURNING version

-- name: insert_decisions
INSERT INTO order_decision (tenant_id, order_id, decision_id, kind, rules_version, data, decided_at)
SELECT t.tenant_id, u.order_id, u.decision_id, %(kind)s, u.rules_version, u.data::jsonb, %(decided_at)s
FROM tenant t CROSS JOIN unnest(
    %(order_ids)s::uuid[], %(decision_ids)s::uuid[], %(rules_versions)s::bigint[], %(data)s::text[]
) AS u (order_id, decision_id, rules_version, data)
WHERE t.tenant_id = %(tenant_id)s

-- name: set_promises
UPDATE orders o
SET promised_p50_on = u.p50_on, promised_p90_on = u.p90_on
FROM unnest(%(order_ids)s::uuid[], %(p50_on)s::date[], %(p90_on)s::date[]) AS u (order_id, p50_on, p90_on)
WHERE o.tenant_id = %(tenant_id)s AND o.order_id = u.order_id

-- name: look_at
INSERT INTO order_presence (tenant_id, staff_id, order_id, seen_at)
SELECT t.tenant_id, %(staff_id)s, %(order_id)s, %(at)s FROM tenant t
WHERE t.tenant_id = %(tenant_id)s
ON CONFLICT (tenant_id, staff_id, order_id) DO UPDATE SET seen_at = excluded.seen_at

-- name: forget_looks
DELETE FROM order_presence
WHERE tenant_id = %(tenant_id)s AND staff_id = %(staff_id)s AND seen_at < %(before)s
