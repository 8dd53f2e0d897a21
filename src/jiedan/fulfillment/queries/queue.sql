-- What a scanned number leads to; an order with several fulfillments to the first that is not done.

-- name: numbered
SELECT x.fulfillment_id
FROM (
    SELECT f.fulfillment_id, 0 AS rank, f.sequence
    FROM fulfillment f
    WHERE f.tenant_id = %(tenant_id)s AND f.number = ANY(%(numbers)s::text[])
    UNION ALL
    SELECT p.fulfillment_id, 1, p.sequence
    FROM parcel p
    WHERE p.tenant_id = %(tenant_id)s AND p.number = ANY(%(numbers)s::text[])
    UNION ALL
    SELECT f.fulfillment_id, CASE WHEN f.status IN ('released', 'picking', 'picked') THEN 2 ELSE 3 END, f.sequence
    FROM orders o
    JOIN fulfillment f ON f.tenant_id = o.tenant_id AND f.order_id = o.order_id AND f.status <> 'canceled'
    WHERE o.tenant_id = %(tenant_id)s AND o.number = ANY(%(numbers)s::text[])
) AS x
ORDER BY x.rank, x.sequence
LIMIT 1
