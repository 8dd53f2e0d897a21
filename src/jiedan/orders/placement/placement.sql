-- Placement: what it reads of stock and of orders placed before, and what it writes. All statements take sets.

-- name: standing
-- What a batch stands on, in one read: the merchant's settings as accounts reads them, the version of the price rules
-- in force, and which of the credentials that sent the drafts are still good.
SELECT
    m.tenant_id, m.slug, m.name, m.country, m.time_zone, m.currency, m.currencies, m.locale, m.locales,
    m.order_number_pattern, m.payment_terms, m.expiry_minutes, m.split, m.backorder, m.prices_include_tax,
    m.release_on_authorization, m.late_money, m.version,
    COALESCE((
        SELECT b.version
        FROM price_book b
        LEFT JOIN price_book_withdrawal w ON w.tenant_id = b.tenant_id AND w.version = b.version
        WHERE b.tenant_id = %(tenant_id)s AND w.version IS NULL AND (b.begins_at IS NULL OR b.begins_at <= %(at)s)
        ORDER BY b.version DESC
        LIMIT 1
    ), 0),
    ARRAY(
        SELECT s.session_id
        FROM staff_session s JOIN staff p ON p.tenant_id = s.tenant_id AND p.staff_id = s.staff_id
        WHERE s.tenant_id = %(tenant_id)s AND s.session_id = ANY(%(credential_ids)s::uuid[]) AND p.is_active
        UNION ALL
        SELECT k.api_key_id
        FROM api_key k LEFT JOIN staff p ON p.tenant_id = k.tenant_id AND p.staff_id = k.created_by
        WHERE k.tenant_id = %(tenant_id)s AND k.api_key_id = ANY(%(credential_ids)s::uuid[])
            AND k.revoked_at IS NULL AND (k.created_by IS NULL OR p.is_active)
    )
FROM merchant m
WHERE m.tenant_id = %(tenant_id)s

-- name: candidates
-- What may be promised of the SKUs asked for, and of the components of kits, at every active location that has any.
-- In two halves, because one join on either SKU cannot use the index and reads all stock.
SELECT s.sku_id, s.location_id, s.on_hand - s.reserved - s.safety_stock, l.code, l.priority, l.lat, l.lon
FROM sku x
JOIN stock s ON s.tenant_id = x.tenant_id AND s.sku_id = x.sku_id
JOIN location l ON l.tenant_id = s.tenant_id AND l.location_id = s.location_id
WHERE x.tenant_id = %(tenant_id)s AND x.code = ANY(%(codes)s::text[]) AND l.is_active
UNION ALL
SELECT s.sku_id, s.location_id, s.on_hand - s.reserved - s.safety_stock, l.code, l.priority, l.lat, l.lon
FROM sku x
JOIN sku_component c ON c.tenant_id = x.tenant_id AND c.sku_id = x.sku_id
JOIN stock s ON s.tenant_id = c.tenant_id AND s.sku_id = c.component_id
JOIN location l ON l.tenant_id = s.tenant_id AND l.location_id = s.location_id
WHERE x.tenant_id = %(tenant_id)s AND x.code = ANY(%(codes)s::text[]) AND l.is_active

-- name: earlier_orders
-- How many orders customers have that were not canceled, those of duplicates that were merged into them included,
-- counted no further than makes a difference.
SELECT u.customer_id, before.orders
FROM unnest(%(customer_ids)s::uuid[]) AS u (customer_id)
CROSS JOIN LATERAL (
    SELECT count(*) FROM (
        SELECT 1
        FROM (
            SELECT u.customer_id
            UNION ALL
            SELECT m.customer_id FROM customer m
            WHERE m.tenant_id = %(tenant_id)s AND m.merged_into = u.customer_id
        ) AS d (customer_id)
        CROSS JOIN LATERAL (
            SELECT 1 FROM orders o
            WHERE o.tenant_id = %(tenant_id)s AND o.customer_id = d.customer_id AND o.lifecycle <> 'canceled'
            LIMIT %(most)s
        ) AS of_one
        LIMIT %(most)s
    ) AS found
) AS before (orders)

-- name: orders_by_id
SELECT
    o.order_id, o.number, o.lifecycle, o.payment_status, o.fulfillment_status, o.currency, o.total_minor, o.tax_minor,
    o.placed_at, o.expires_at, coalesce(sum(l.allocated), 0)::bigint,
    coalesce(sum(
        CASE WHEN l.kind IN ('goods', 'component') THEN l.ordered - l.canceled - l.shipped - l.allocated ELSE 0 END
    ), 0)::bigint,
    o.channel, o.external_id, o.external_fingerprint
FROM orders o
LEFT JOIN order_line l ON l.tenant_id = o.tenant_id AND l.order_id = o.order_id
WHERE o.tenant_id = %(tenant_id)s AND o.order_id = ANY(%(order_ids)s::uuid[])
GROUP BY o.tenant_id, o.order_id

-- name: orders_by_external
SELECT
    o.order_id, o.number, o.lifecycle, o.payment_status, o.fulfillment_status, o.currency, o.total_minor, o.tax_minor,
    o.placed_at, o.expires_at, coalesce(sum(l.allocated), 0)::bigint,
    coalesce(sum(
        CASE WHEN l.kind IN ('goods', 'component') THEN l.ordered - l.canceled - l.shipped - l.allocated ELSE 0 END
    ), 0)::bigint,
    o.channel, o.external_id, o.external_fingerprint
FROM orders o
JOIN unnest(%(channels)s::text[], %(external_ids)s::text[]) AS u (channel, external_id)
    ON u.channel = o.channel AND u.external_id = o.external_id
LEFT JOIN order_line l ON l.tenant_id = o.tenant_id AND l.order_id = o.order_id
WHERE o.tenant_id = %(tenant_id)s AND o.external_id IS NOT NULL
GROUP BY o.tenant_id, o.order_id

-- name: insert_orders
-- In the order of external ids, so that two batches with the same ones wait for each other in one direction only.
INSERT INTO orders (
    tenant_id, order_id, number, channel, external_id, external_fingerprint, customer_id,
    contact_name, contact_phone, contact_email, lifecycle, placed_at, currency, locale, payment_terms, split,
    requested_location_id, delivery_wish, line_count, total_minor, tax_minor,
    authorized_minor, captured_minor, refunded_minor, charged_back_minor, processing_count,
    payment_status, fulfillment_status, expires_at, promised_at, price_rules_version, history, claims_stock, version,
    created_at, actor_kind, actor_id, ordered_minor, promised_p50_on, promised_p90_on, tax,
    shipping_method, shipping_name
)
SELECT
    t.tenant_id, u.order_id, u.number, u.channel, u.external_id, u.external_fingerprint, u.customer_id,
    u.contact_name, u.contact_phone, u.contact_email, 'open', u.placed_at, u.currency, u.locale, u.payment_terms,
    u.split, u.requested_location_id, u.delivery_wish, u.line_count, u.total_minor, u.tax_minor,
    0, 0, 0, 0, 0,
    u.payment_status, u.fulfillment_status, u.expires_at, u.promised_at, u.price_rules_version, u.history,
    u.claims_stock, 1,
    %(created_at)s, u.actor_kind, u.actor_id, u.total_minor, u.promised_p50_on, u.promised_p90_on,
    u.tax::jsonb, u.shipping_method, u.shipping_name
FROM tenant t CROSS JOIN unnest(
    %(order_id)s::uuid[], %(number)s::text[], %(channel)s::text[], %(external_id)s::text[],
    %(external_fingerprint)s::bytea[], %(customer_id)s::uuid[], %(contact_name)s::text[], %(contact_phone)s::text[],
    %(contact_email)s::text[], %(placed_at)s::timestamptz[], %(currency)s::text[], %(locale)s::text[],
    %(payment_terms)s::text[], %(split)s::text[], %(requested_location_id)s::uuid[], %(delivery_wish)s::date[],
    %(line_count)s::bigint[], %(total_minor)s::bigint[], %(tax_minor)s::bigint[], %(payment_status)s::text[],
    %(fulfillment_status)s::text[], %(expires_at)s::timestamptz[], %(price_rules_version)s::bigint[],
    %(history)s::boolean[], %(claims_stock)s::boolean[], %(promised_at)s::timestamptz[], %(actor_kind)s::text[],
    %(actor_id)s::text[], %(promised_p50_on)s::date[], %(promised_p90_on)s::date[], %(tax)s::text[],
    %(shipping_method)s::text[], %(shipping_name)s::text[]
) AS u (
    order_id, number, channel, external_id, external_fingerprint, customer_id, contact_name, contact_phone,
    contact_email, placed_at, currency, locale, payment_terms, split, requested_location_id, delivery_wish,
    line_count, total_minor, tax_minor, payment_status, fulfillment_status, expires_at, price_rules_version, history,
    claims_stock, promised_at, actor_kind, actor_id, promised_p50_on, promised_p90_on, tax, shipping_method,
    shipping_name
)
WHERE t.tenant_id = %(tenant_id)s
ORDER BY u.channel, u.external_id, u.order_id

-- name: insert_lines
INSERT INTO order_line (
    tenant_id, line_id, order_id, line, kind, parent_line, sku_id, code, name, requested_location_id, placed_at,
    ordered, canceled, allocated, shipped, delivered, returned, performed,
    unit_minor, discount_minor, tax_minor, tax_rate_ppm, tax_class, tax_included, total_minor,
    price_source, price_reason, weight_g, ruled_minor, by_hand_minor, relief_minor, formula, attributes, taxes
)
SELECT
    t.tenant_id, u.line_id, u.order_id, u.line, u.kind, u.parent_line, u.sku_id, u.code, u.name,
    u.requested_location_id, u.placed_at,
    u.ordered, 0, u.allocated, 0, 0, 0, 0,
    u.unit_minor, u.discount_minor, u.tax_minor, u.tax_rate_ppm, u.tax_class, u.tax_included, u.total_minor,
    u.price_source, u.price_reason, u.weight_g, u.ruled_minor, u.by_hand_minor, u.relief_minor,
    u.formula, u.attributes::jsonb, u.taxes::jsonb
FROM tenant t CROSS JOIN unnest(
    %(line_id)s::uuid[], %(order_id)s::uuid[], %(placed_at)s::timestamptz[], %(tax_included)s::boolean[],
    %(allocated)s::bigint[], %(line)s::bigint[], %(kind)s::text[], %(parent_line)s::bigint[], %(sku_id)s::uuid[],
    %(code)s::text[], %(name)s::text[], %(requested_location_id)s::uuid[], %(ordered)s::bigint[],
    %(unit_minor)s::bigint[], %(discount_minor)s::bigint[], %(tax_minor)s::bigint[], %(tax_rate_ppm)s::bigint[],
    %(tax_class)s::text[], %(total_minor)s::bigint[], %(price_source)s::text[], %(price_reason)s::text[],
    %(weight_g)s::bigint[], %(ruled_minor)s::bigint[], %(by_hand_minor)s::bigint[], %(relief_minor)s::bigint[],
    %(formula)s::text[], %(attributes)s::text[], %(taxes)s::text[]
) AS u (
    line_id, order_id, placed_at, tax_included, allocated, line, kind, parent_line, sku_id, code, name,
    requested_location_id, ordered, unit_minor, discount_minor, tax_minor, tax_rate_ppm, tax_class, total_minor,
    price_source, price_reason, weight_g, ruled_minor, by_hand_minor, relief_minor, formula, attributes, taxes
)
WHERE t.tenant_id = %(tenant_id)s

-- name: insert_addresses
INSERT INTO order_address (
    tenant_id, order_id, kind, country, name, phone, company, region, city, district, line1, line2, postal_code,
    lat, lon
)
SELECT
    t.tenant_id, u.order_id, u.kind, u.country, u.name, u.phone, u.company, u.region, u.city, u.district, u.line1,
    u.line2, u.postal_code, u.lat, u.lon
FROM tenant t CROSS JOIN unnest(
    %(order_id)s::uuid[], %(kind)s::text[], %(country)s::text[], %(name)s::text[], %(phone)s::text[],
    %(company)s::text[], %(region)s::text[], %(city)s::text[], %(district)s::text[], %(line1)s::text[],
    %(line2)s::text[], %(postal_code)s::text[], %(lat)s::float8[], %(lon)s::float8[]
) AS u (
    order_id, kind, country, name, phone, company, region, city, district, line1, line2, postal_code, lat, lon
)
WHERE t.tenant_id = %(tenant_id)s

-- name: insert_notes
INSERT INTO order_note (tenant_id, note_id, order_id, kind, text, written_at, author_kind, author_id)
SELECT t.tenant_id, u.note_id, u.order_id, u.kind, u.text, %(written_at)s, u.author_kind, u.author_id
FROM tenant t CROSS JOIN unnest(
    %(note_id)s::uuid[], %(order_id)s::uuid[], %(kind)s::text[], %(text)s::text[], %(author_kind)s::text[],
    %(author_id)s::text[]
) AS u (note_id, order_id, kind, text, author_kind, author_id)
WHERE t.tenant_id = %(tenant_id)s

-- name: insert_tags
INSERT INTO order_tag (tenant_id, order_id, tag)
SELECT t.tenant_id, u.order_id, u.tag
FROM tenant t CROSS JOIN unnest(%(order_id)s::uuid[], %(tag)s::text[]) AS u (order_id, tag)
WHERE t.tenant_id = %(tenant_id)s

-- name: insert_attributes
INSERT INTO order_attribute (tenant_id, order_id, name, value)
SELECT t.tenant_id, u.order_id, u.name, u.value::jsonb
FROM tenant t CROSS JOIN unnest(
    %(order_id)s::uuid[], %(name)s::text[], %(value)s::text[]
) AS u (order_id, name, value)
WHERE t.tenant_id = %(tenant_id)s

-- name: insert_holds
INSERT INTO order_hold (
    tenant_id, hold_id, order_id, kind, reason, lift_permission, placed_at, placed_by_kind, placed_by_id
)
SELECT
    t.tenant_id, u.hold_id, u.order_id, u.kind, u.reason, u.lift_permission, u.placed_at, u.by_kind, u.by_id
FROM tenant t CROSS JOIN unnest(
    %(hold_id)s::uuid[], %(order_id)s::uuid[], %(kind)s::text[], %(reason)s::text[], %(lift_permission)s::text[],
    %(placed_at)s::timestamptz[], %(by_kind)s::text[], %(by_id)s::text[]
) AS u (hold_id, order_id, kind, reason, lift_permission, placed_at, by_kind, by_id)
WHERE t.tenant_id = %(tenant_id)s

-- name: insert_decisions
INSERT INTO order_decision (tenant_id, order_id, decision_id, kind, rules_version, data, decided_at)
SELECT t.tenant_id, u.order_id, u.order_id, 'placement', u.rules_version, u.data::jsonb, %(decided_at)s
FROM tenant t CROSS JOIN unnest(%(order_id)s::uuid[], %(rules_version)s::bigint[], %(data)s::text[])
    AS u (order_id, rules_version, data)
WHERE t.tenant_id = %(tenant_id)s

-- name: drafts_for_update
SELECT d.draft_id, d.version, d.order_id
FROM order_draft d
WHERE d.tenant_id = %(tenant_id)s AND d.draft_id = ANY(%(draft_ids)s::uuid[]) AND d.discarded_at IS NULL
ORDER BY d.draft_id
FOR NO KEY UPDATE

-- name: close_drafts
UPDATE order_draft d
SET order_id = u.order_id
FROM unnest(%(draft_ids)s::uuid[], %(order_ids)s::uuid[]) AS u (draft_id, order_id)
WHERE d.tenant_id = %(tenant_id)s AND d.draft_id = u.draft_id
