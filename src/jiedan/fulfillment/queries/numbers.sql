-- What people call things, in sets.

-- name: fulfillments_numbered
SELECT f.number, f.fulfillment_id FROM fulfillment f
WHERE f.tenant_id = %(tenant_id)s AND f.number = ANY(%(numbers)s::text[])
UNION ALL
SELECT o.number, f.fulfillment_id
FROM orders o
JOIN fulfillment f ON f.tenant_id = o.tenant_id AND f.order_id = o.order_id
    AND f.status NOT IN ('delivered', 'collected', 'canceled')
WHERE o.tenant_id = %(tenant_id)s AND o.number = ANY(%(numbers)s::text[])
ORDER BY 1, 2

-- name: parcels_numbered
SELECT p.number, p.parcel_id FROM parcel p
WHERE p.tenant_id = %(tenant_id)s AND p.number = ANY(%(numbers)s::text[])
UNION ALL
SELECT f.number, p.parcel_id
FROM fulfillment f
JOIN parcel p ON p.tenant_id = f.tenant_id AND p.fulfillment_id = f.fulfillment_id
    AND p.state NOT IN ('delivered', 'unpacked')
WHERE f.tenant_id = %(tenant_id)s AND f.number = ANY(%(numbers)s::text[])
ORDER BY 1, 2

-- name: orders_numbered
SELECT o.number, o.order_id FROM orders o
WHERE o.tenant_id = %(tenant_id)s AND o.number = ANY(%(numbers)s::text[])
ORDER BY o.number
