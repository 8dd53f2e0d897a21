-- Orders and their lines by id, with and without locks.

-- name: orders
SELECT
    o.order_id, o.number, o.channel, o.external_id, o.customer_id, o.contact_name, o.contact_phone, o.contact_email,
    o.lifecycle, o.placed_at, o.currency, o.locale, o.payment_terms, o.split, o.requested_location_id, o.delivery_wish,
    o.line_count, o.total_minor, o.tax_minor, o.authorized_minor, o.captured_minor, o.refunded_minor,
    o.charged_back_minor, o.processing_count, o.payment_status, o.fulfillment_status, o.expires_at, o.promised_at,
    o.promised_p50_on, o.promised_p90_on,
    o.completed_at, o.canceled_at, o.cancel_reason, o.price_rules_version, o.history, o.claims_stock, o.version,
    o.created_at, o.actor_kind, o.actor_id, o.assignee_id, o.from_wallets_minor, o.ordered_minor, o.refunding_minor,
    o.tax, o.shipping_method, o.shipping_name
FROM orders o
WHERE o.tenant_id = %(tenant_id)s AND o.order_id = ANY(%(order_ids)s::uuid[])
ORDER BY o.order_id

-- name: orders_for_update
SELECT
    o.order_id, o.number, o.channel, o.external_id, o.customer_id, o.contact_name, o.contact_phone, o.contact_email,
    o.lifecycle, o.placed_at, o.currency, o.locale, o.payment_terms, o.split, o.requested_location_id, o.delivery_wish,
    o.line_count, o.total_minor, o.tax_minor, o.authorized_minor, o.captured_minor, o.refunded_minor,
    o.charged_back_minor, o.processing_count, o.payment_status, o.fulfillment_status, o.expires_at, o.promised_at,
    o.promised_p50_on, o.promised_p90_on,
    o.completed_at, o.canceled_at, o.cancel_reason, o.price_rules_version, o.history, o.claims_stock, o.version,
    o.created_at, o.actor_kind, o.actor_id, o.assignee_id, o.from_wallets_minor, o.ordered_minor, o.refunding_minor,
    o.tax, o.shipping_method, o.shipping_name
FROM orders o
WHERE o.tenant_id = %(tenant_id)s AND o.order_id = ANY(%(order_ids)s::uuid[])
ORDER BY o.order_id
FOR NO KEY UPDATE OF o

-- name: lines_of
SELECT
    l.line_id, l.order_id, l.line, l.kind, l.parent_line, l.sku_id, l.code, l.name, l.requested_location_id,
    l.placed_at, l.ordered, l.canceled, l.allocated, l.shipped, l.delivered, l.returned, l.performed, l.unit_minor,
    l.discount_minor, l.tax_minor, l.tax_rate_ppm, l.tax_class, l.tax_included, l.total_minor, l.price_source,
    l.price_reason, l.weight_g, l.released, l.ruled_minor, l.by_hand_minor,
    l.placed_source, l.placed_unit_minor, l.placed_discount_minor, l.placed_by_hand_minor, l.attributes,
    l.placed_attributes, l.relief_minor, l.formula, l.taxes
FROM order_line l
WHERE l.tenant_id = %(tenant_id)s AND l.order_id = ANY(%(order_ids)s::uuid[])
ORDER BY l.order_id, l.line
