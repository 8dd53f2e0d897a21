-- Fulfillments with their lines and parcels, locked and not.

-- name: orders_of_fulfillments
SELECT f.fulfillment_id, f.order_id FROM fulfillment f
WHERE f.tenant_id = %(tenant_id)s AND f.fulfillment_id = ANY(%(fulfillment_ids)s::uuid[])

-- name: orders_of_parcels
SELECT p.parcel_id, f.order_id FROM parcel p
JOIN fulfillment f ON f.tenant_id = p.tenant_id AND f.fulfillment_id = p.fulfillment_id
WHERE p.tenant_id = %(tenant_id)s AND p.parcel_id = ANY(%(parcel_ids)s::uuid[])

-- name: fulfillments_for_update
SELECT f.fulfillment_id, f.order_id, f.location_id, f.sequence, f.number, f.method, f.status, f.released_at,
    f.ready_at, f.code_salt, f.code_hash, f.code_tries, f.code_locked_until
FROM fulfillment f
WHERE f.tenant_id = %(tenant_id)s AND f.order_id = ANY(%(order_ids)s::uuid[])
ORDER BY f.fulfillment_id
FOR NO KEY UPDATE OF f

-- name: fulfillments_of_orders
SELECT f.fulfillment_id, f.order_id, f.location_id, f.sequence, f.number, f.method, f.status, f.released_at,
    f.ready_at, f.code_salt, f.code_hash, f.code_tries, f.code_locked_until
FROM fulfillment f
WHERE f.tenant_id = %(tenant_id)s AND f.order_id = ANY(%(order_ids)s::uuid[])
ORDER BY f.order_id, f.sequence

-- name: lines_of_orders
SELECT l.fulfillment_id, l.line_id, l.line, l.sku_id, l.released, l.short, l.withdrawn, l.picked, l.packed,
    l.shipped, l.delivered
FROM fulfillment_line l
JOIN fulfillment f ON f.tenant_id = l.tenant_id AND f.fulfillment_id = l.fulfillment_id
WHERE l.tenant_id = %(tenant_id)s AND f.order_id = ANY(%(order_ids)s::uuid[])
ORDER BY l.fulfillment_id, l.line

-- name: parcels_of_orders
SELECT p.parcel_id, p.fulfillment_id, p.sequence, p.number, p.state, p.weight_g, p.box, p.carrier, p.tracking_number,
    p.packed_at, p.shipped_at, p.delivered_at, p.unpacked_at
FROM parcel p
JOIN fulfillment f ON f.tenant_id = p.tenant_id AND f.fulfillment_id = p.fulfillment_id
WHERE p.tenant_id = %(tenant_id)s AND f.order_id = ANY(%(order_ids)s::uuid[])
ORDER BY p.fulfillment_id, p.sequence

-- name: parcel_lines_of_orders
SELECT c.parcel_id, c.line_id, c.quantity
FROM parcel_line c
JOIN parcel p ON p.tenant_id = c.tenant_id AND p.parcel_id = c.parcel_id
JOIN fulfillment f ON f.tenant_id = p.tenant_id AND f.fulfillment_id = p.fulfillment_id
WHERE c.tenant_id = %(tenant_id)s AND f.order_id = ANY(%(order_ids)s::uuid[])
ORDER BY c.parcel_id, c.line_id

-- name: acknowledged
SELECT a.fulfillment_id, a.note_id, a.acknowledged_at, a.actor_kind, a.actor_id
FROM note_acknowledgement a
JOIN fulfillment f ON f.tenant_id = a.tenant_id AND f.fulfillment_id = a.fulfillment_id
WHERE a.tenant_id = %(tenant_id)s AND f.order_id = ANY(%(order_ids)s::uuid[])
ORDER BY a.fulfillment_id, a.note_id

-- name: parcels_under_way
-- What has left and has not arrived.
SELECT p.parcel_id FROM parcel p
JOIN fulfillment f ON f.tenant_id = p.tenant_id AND f.fulfillment_id = p.fulfillment_id
WHERE p.tenant_id = %(tenant_id)s AND f.order_id = ANY(%(order_ids)s::uuid[])
    AND p.shipped_at IS NOT NULL AND p.delivered_at IS NULL
ORDER BY p.parcel_id

-- name: parcels_by_number
-- Which parcels a carrier speaks of; several may share a number.
SELECT p.parcel_id, p.carrier, p.tracking_number
FROM parcel p
JOIN unnest(%(carriers)s::text[], %(numbers)s::text[]) AS u (carrier, number)
    ON u.carrier = p.carrier AND u.number = p.tracking_number
WHERE p.tenant_id = %(tenant_id)s
ORDER BY p.parcel_id

-- name: latest_promised
-- Of each counter, the order lines promised latest whose unpicked units together cover the shortfall; what nobody was
-- promised comes first.
SELECT x.sku_id, x.location_id, x.order_id
FROM (
    SELECT r.sku_id, r.location_id, l.order_id, u.shortfall, r.quantity - coalesce(k.picked, 0) AS unpicked,
        sum(r.quantity - coalesce(k.picked, 0)) OVER (
            PARTITION BY r.sku_id, r.location_id
            ORDER BY coalesce(o.promised_p90_on, (o.promised_at AT TIME ZONE 'UTC')::date, 'infinity'::date) DESC,
                l.placed_at DESC, l.line_id DESC
        ) AS covered
    FROM reservation r
    JOIN unnest(%(sku_ids)s::uuid[], %(location_ids)s::uuid[], %(shortfalls)s::bigint[])
        AS u (sku_id, location_id, shortfall)
        ON u.sku_id = r.sku_id AND u.location_id = r.location_id
    JOIN order_line l ON l.tenant_id = r.tenant_id AND l.line_id = r.owner_id
    JOIN orders o ON o.tenant_id = l.tenant_id AND o.order_id = l.order_id
    LEFT JOIN (
        SELECT fl.line_id, f.location_id,
            sum(least(fl.picked, fl.released - fl.short - fl.withdrawn) - fl.shipped) AS picked
        FROM fulfillment_line fl
        JOIN fulfillment f ON f.tenant_id = fl.tenant_id AND f.fulfillment_id = fl.fulfillment_id
        WHERE fl.tenant_id = %(tenant_id)s AND f.location_id = ANY(%(location_ids)s::uuid[])
            AND f.status IN ('released', 'picking', 'picked', 'packed', 'ready', 'partly_shipped')
        GROUP BY fl.line_id, f.location_id
    ) AS k ON k.line_id = l.line_id AND k.location_id = r.location_id
    WHERE r.tenant_id = %(tenant_id)s AND r.owner_kind = 'order_line'
) AS x
WHERE x.unpicked > 0 AND x.covered - x.unpicked < x.shortfall
ORDER BY x.sku_id, x.location_id, x.covered

-- name: label
SELECT l.media_type, l.document FROM parcel_label l
WHERE l.tenant_id = %(tenant_id)s AND l.parcel_id = %(parcel_id)s
