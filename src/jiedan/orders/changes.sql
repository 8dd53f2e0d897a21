-- The facts of orders and lines, saved in sets by every command that changes them.

-- name: update_orders
UPDATE orders o
SET lifecycle = u.lifecycle, total_minor = u.total_minor, tax_minor = u.tax_minor,
    authorized_minor = u.authorized_minor, captured_minor = u.captured_minor, refunded_minor = u.refunded_minor,
    charged_back_minor = u.charged_back_minor, processing_count = u.processing_count,
    from_wallets_minor = u.from_wallets_minor, refunding_minor = u.refunding_minor,
    payment_status = u.payment_status, fulfillment_status = u.fulfillment_status, expires_at = u.expires_at,
    completed_at = u.completed_at, canceled_at = u.canceled_at, cancel_reason = u.cancel_reason
FROM unnest(
    %(order_ids)s::uuid[], %(lifecycles)s::text[], %(total_minor)s::bigint[], %(tax_minor)s::bigint[],
    %(authorized_minor)s::bigint[], %(captured_minor)s::bigint[], %(refunded_minor)s::bigint[],
    %(charged_back_minor)s::bigint[], %(processing_counts)s::bigint[], %(payment_statuses)s::text[],
    %(fulfillment_statuses)s::text[], %(expires_at)s::timestamptz[], %(completed_at)s::timestamptz[],
    %(canceled_at)s::timestamptz[], %(cancel_reasons)s::text[], %(from_wallets_minor)s::bigint[],
    %(refunding_minor)s::bigint[]
) AS u (
    order_id, lifecycle, total_minor, tax_minor, authorized_minor, captured_minor, refunded_minor, charged_back_minor,
    processing_count, payment_status, fulfillment_status, expires_at, completed_at, canceled_at, cancel_reason,
    from_wallets_minor, refunding_minor
)
WHERE o.tenant_id = %(tenant_id)s AND o.order_id = u.order_id

-- name: update_lines
UPDATE order_line l
SET canceled = u.canceled, allocated = u.allocated, shipped = u.shipped, delivered = u.delivered,
    returned = u.returned, performed = u.performed, released = u.released, tax_minor = u.tax_minor,
    tax_rate_ppm = u.tax_rate_ppm, total_minor = u.total_minor, discount_minor = u.discount_minor,
    relief_minor = u.relief_minor, taxes = u.taxes::jsonb
FROM unnest(
    %(line_ids)s::uuid[], %(canceled)s::bigint[], %(allocated)s::bigint[], %(shipped)s::bigint[],
    %(delivered)s::bigint[], %(returned)s::bigint[], %(performed)s::bigint[], %(released)s::bigint[],
    %(tax_minor)s::bigint[], %(tax_rates_ppm)s::bigint[], %(total_minor)s::bigint[],
    %(discount_minor)s::bigint[], %(relief_minor)s::bigint[], %(taxes)s::text[]
) AS u (
    line_id, canceled, allocated, shipped, delivered, returned, performed, released, tax_minor, tax_rate_ppm,
    total_minor, discount_minor, relief_minor, taxes
)
WHERE l.tenant_id = %(tenant_id)s AND l.line_id = u.line_id

-- name: last_told
SELECT e.subject_id, max(e.occurred_at)
FROM event_log e
WHERE e.tenant_id = %(tenant_id)s AND e.subject_id = ANY(%(order_ids)s::uuid[]) AND e.history
GROUP BY e.subject_id
