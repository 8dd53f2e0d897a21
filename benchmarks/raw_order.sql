-- The yardstick: one three-line order as hand-written single statements in one transaction, on the same schema.
-- SKUs come from three disjoint thirds, so two clients never lock the same rows in opposite orders.
-- Outbox rows are never due, so that nobody spends time on them. It has no HTTP, no parsing, no pricing, no tenancy.
\set a random(1, :third)
\set b random(:third + 1, 2 * :third)
\set c random(2 * :third + 1, 3 * :third)
BEGIN;
SELECT
    a.sku_id AS sku_a, pa.unit_minor AS price_a, b.sku_id AS sku_b, pb.unit_minor AS price_b,
    c.sku_id AS sku_c, pc.unit_minor AS price_c,
    uuidv7() AS order_id, uuidv7() AS line_a, uuidv7() AS line_b, uuidv7() AS line_c, uuidv7() AS event_id
FROM sku a
JOIN sku_price pa ON pa.tenant_id = a.tenant_id AND pa.sku_id = a.sku_id AND pa.currency = 'CNY'
JOIN sku b ON b.tenant_id = a.tenant_id AND b.code = 'SKU-' || :b
JOIN sku_price pb ON pb.tenant_id = b.tenant_id AND pb.sku_id = b.sku_id AND pb.currency = 'CNY'
JOIN sku c ON c.tenant_id = a.tenant_id AND c.code = 'SKU-' || :c
JOIN sku_price pc ON pc.tenant_id = c.tenant_id AND pc.sku_id = c.sku_id AND pc.currency = 'CNY'
WHERE a.tenant_id = :tenant::uuid AND a.code = 'SKU-' || :a \gset
UPDATE stock SET reserved = reserved + 1
WHERE tenant_id = :tenant::uuid AND sku_id = :sku_a::uuid AND location_id = :location::uuid
    AND reserved + 1 <= on_hand - safety_stock;
UPDATE stock SET reserved = reserved + 1
WHERE tenant_id = :tenant::uuid AND sku_id = :sku_b::uuid AND location_id = :location::uuid
    AND reserved + 1 <= on_hand - safety_stock;
UPDATE stock SET reserved = reserved + 1
WHERE tenant_id = :tenant::uuid AND sku_id = :sku_c::uuid AND location_id = :location::uuid
    AND reserved + 1 <= on_hand - safety_stock;
INSERT INTO orders (
    tenant_id, order_id, number, channel, contact_name, contact_phone, contact_email, lifecycle, placed_at, currency,
    locale, payment_terms, split, line_count, total_minor, tax_minor, authorized_minor, captured_minor, refunded_minor,
    charged_back_minor, processing_count, payment_status, fulfillment_status, expires_at, price_rules_version, history,
    version, created_at, actor_kind, actor_id
) VALUES (
    :tenant::uuid, :order_id::uuid, 'RAW-' || :order_id, 'api', 'Li Lei', '+8613912345678', '', 'open', now(), 'CNY',
    'en', 'prepaid', 'when_needed', 3, :price_a::bigint + :price_b::bigint + :price_c::bigint, 0, 0, 0, 0,
    0, 0, 'pending', 'allocated', now() + interval '1 hour', 0, false,
    1, now(), 'api_key', 'raw'
);
INSERT INTO order_line (
    tenant_id, line_id, order_id, line, kind, sku_id, code, name, placed_at, ordered, canceled, allocated, shipped,
    delivered, returned, performed, unit_minor, discount_minor, tax_minor, tax_rate_ppm, tax_class, tax_included,
    total_minor, price_source, weight_g
) VALUES
    (:tenant::uuid, :line_a::uuid, :order_id::uuid, 1, 'goods', :sku_a::uuid, 'SKU', 'Tea', now(), 1, 0, 1, 0,
     0, 0, 0, :price_a::bigint, 0, 0, 0, 'standard', true, :price_a::bigint, 'list', 100),
    (:tenant::uuid, :line_b::uuid, :order_id::uuid, 2, 'goods', :sku_b::uuid, 'SKU', 'Tea', now(), 1, 0, 1, 0,
     0, 0, 0, :price_b::bigint, 0, 0, 0, 'standard', true, :price_b::bigint, 'list', 100),
    (:tenant::uuid, :line_c::uuid, :order_id::uuid, 3, 'goods', :sku_c::uuid, 'SKU', 'Tea', now(), 1, 0, 1, 0,
     0, 0, 0, :price_c::bigint, 0, 0, 0, 'standard', true, :price_c::bigint, 'list', 100);
INSERT INTO reservation (tenant_id, owner_kind, owner_id, sku_id, location_id, quantity, created_at) VALUES
    (:tenant::uuid, 'order_line', :line_a::uuid, :sku_a::uuid, :location::uuid, 1, now()),
    (:tenant::uuid, 'order_line', :line_b::uuid, :sku_b::uuid, :location::uuid, 1, now()),
    (:tenant::uuid, 'order_line', :line_c::uuid, :sku_c::uuid, :location::uuid, 1, now());
INSERT INTO event_log (
    tenant_id, event_id, occurred_at, recorded_at, actor_kind, actor_id, kind, subject_kind, subject_id, request_id,
    data, history
) VALUES (
    :tenant::uuid, :event_id::uuid, now(), now(), 'api_key', 'raw', 'orders.order_placed', 'order', :order_id::uuid,
    'raw', '{"currency": "CNY", "line_count": 3}', false
);
INSERT INTO outbox (tenant_id, event_id, available_at) VALUES (:tenant::uuid, :event_id::uuid, 'infinity');
COMMIT;
