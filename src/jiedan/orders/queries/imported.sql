-- Orders that came from elsewhere, by the ids they have there.

-- name: fingerprints
SELECT o.external_id, o.external_fingerprint
FROM orders o
WHERE o.tenant_id = %(tenant_id)s AND o.channel = %(channel)s AND o.external_id = ANY(%(external_ids)s::text[])

-- name: cancelable_lines
SELECT
    l.order_id, o.customer_id, l.line, l.code, l.unit_minor, o.placed_at,
    l.ordered - l.canceled - l.shipped - l.performed
FROM orders o
JOIN order_line l ON l.tenant_id = o.tenant_id AND l.order_id = o.order_id
WHERE o.tenant_id = %(tenant_id)s AND o.customer_id = ANY(%(customer_ids)s::uuid[]) AND o.lifecycle = 'open'
    AND l.code = ANY(%(codes)s::text[]) AND l.kind IN ('goods', 'service', 'kit')
    AND l.ordered > l.canceled + l.shipped + l.performed
ORDER BY o.placed_at, l.order_id, l.line

-- name: totals
SELECT
    count(DISTINCT o.order_id), count(*), coalesce(sum(l.ordered), 0)::bigint, coalesce(sum(l.total_minor), 0)::bigint,
    coalesce(sum(l.canceled), 0)::bigint, coalesce(sum(div(l.total_minor::numeric * l.canceled, l.ordered)), 0)::bigint
FROM orders o
JOIN order_line l ON l.tenant_id = o.tenant_id AND l.order_id = o.order_id
WHERE o.tenant_id = %(tenant_id)s AND o.channel = %(channel)s AND o.external_id = ANY(%(external_ids)s::text[])
    AND l.kind <> 'component'
