-- What belongs to orders whose customer is to be forgotten.

-- name: things_of_orders
SELECT f.fulfillment_id, p.parcel_id, p.carrier, p.tracking_number
FROM fulfillment f
LEFT JOIN parcel p ON p.tenant_id = f.tenant_id AND p.fulfillment_id = f.fulfillment_id
WHERE f.tenant_id = %(tenant_id)s AND f.order_id = ANY(%(order_ids)s::uuid[])
ORDER BY f.fulfillment_id, p.parcel_id
