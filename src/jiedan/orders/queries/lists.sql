-- What rows of a list show beside the order itself.

-- name: marks
SELECT m.order_id, m.mark, m.value FROM (
    SELECT t.order_id, 'tag' AS mark, t.tag AS value FROM order_tag t
    WHERE t.tenant_id = %(tenant_id)s AND t.order_id = ANY(%(order_ids)s::uuid[])
    UNION ALL
    SELECT h.order_id, 'hold', h.kind FROM order_hold h
    WHERE h.tenant_id = %(tenant_id)s AND h.order_id = ANY(%(order_ids)s::uuid[]) AND h.lifted_at IS NULL
    UNION ALL
    SELECT a.order_id, 'city', a.city FROM order_address a
    WHERE a.tenant_id = %(tenant_id)s AND a.order_id = ANY(%(order_ids)s::uuid[]) AND a.kind = 'ship_to'
    UNION ALL
    SELECT l.order_id, 'units', sum(l.ordered - l.canceled)::text FROM order_line l
    WHERE l.tenant_id = %(tenant_id)s AND l.order_id = ANY(%(order_ids)s::uuid[])
        AND l.kind IN ('goods', 'service', 'kit')
    GROUP BY l.order_id
) AS m
ORDER BY m.order_id, m.mark, m.value
