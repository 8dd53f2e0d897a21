-- How far an order has come, in short.

-- name: ways
SELECT f.fulfillment_id, f.number, f.location_id, f.method, f.status, p.parcel_id, p.number, p.state, p.carrier,
    p.tracking_number, p.shipped_at, p.delivered_at
FROM fulfillment f
LEFT JOIN parcel p ON p.tenant_id = f.tenant_id AND p.fulfillment_id = f.fulfillment_id AND p.state <> 'unpacked'
WHERE f.tenant_id = %(tenant_id)s AND f.order_id = %(order_id)s
ORDER BY f.sequence, p.sequence
