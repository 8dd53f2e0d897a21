-- Orders of a span of time, one after the other, to be priced once more.

-- name: orders_to_replay
SELECT o.order_id, o.placed_at, o.price_rules_version
FROM orders o
WHERE o.tenant_id = %(tenant_id)s AND o.placed_at <= %(until)s
    AND (o.placed_at, o.order_id) > (%(after_at)s, %(after_id)s)
ORDER BY o.placed_at, o.order_id
LIMIT %(most)s

-- name: count_to_replay
SELECT count(*) FROM (
    SELECT 1 FROM orders o
    WHERE o.tenant_id = %(tenant_id)s AND o.placed_at >= %(from_at)s AND o.placed_at <= %(until)s
    LIMIT %(most)s
) AS found

-- name: placement_decisions
-- Why orders were placed as they were: of each order the first decision about it comes first.
SELECT d.order_id, d.rules_version, d.data FROM order_decision d
WHERE d.tenant_id = %(tenant_id)s AND d.order_id = ANY(%(order_ids)s::uuid[]) AND d.kind = 'placement'
ORDER BY d.order_id, d.decided_at, d.decision_id

-- name: orders_before_each
-- How many orders customers had before each of these, that were not canceled, those of duplicates included that had been
-- merged by then, and of theirs; counted no further than asked.
SELECT u.order_id, before.orders
FROM unnest(%(order_ids)s::uuid[], %(customer_ids)s::uuid[], %(placed_ats)s::timestamptz[])
    AS u (order_id, customer_id, placed_at)
CROSS JOIN LATERAL (
    SELECT count(*) FROM (
        SELECT 1
        FROM (
            SELECT u.customer_id
            UNION ALL
            SELECT m.merged_id FROM customer_merge m
            WHERE m.tenant_id = %(tenant_id)s AND m.survivor_id = u.customer_id AND m.merged_at <= u.placed_at
                AND (m.undone_at IS NULL OR m.undone_at > u.placed_at)
            UNION ALL
            SELECT n.merged_id
            FROM customer_merge m
            JOIN customer_merge n ON n.tenant_id = m.tenant_id AND n.survivor_id = m.merged_id
            WHERE m.tenant_id = %(tenant_id)s AND m.survivor_id = u.customer_id AND m.merged_at <= u.placed_at
                AND (m.undone_at IS NULL OR m.undone_at > u.placed_at) AND n.merged_at <= u.placed_at
                AND (n.undone_at IS NULL OR n.undone_at > u.placed_at)
        ) AS d (customer_id)
        CROSS JOIN LATERAL (
            SELECT 1 FROM orders o
            WHERE o.tenant_id = %(tenant_id)s AND o.customer_id = d.customer_id AND o.lifecycle <> 'canceled'
                AND (o.placed_at, o.order_id) < (u.placed_at, u.order_id)
            LIMIT %(most)s
        ) AS of_one
        LIMIT %(most)s
    ) AS found
) AS before (orders)

-- name: numbers_of_orders
SELECT o.order_id, o.number FROM orders o
WHERE o.tenant_id = %(tenant_id)s AND o.order_id = ANY(%(order_ids)s::uuid[])
