-- name: decisions
SELECT decision_id, kind, rules_version, data, decided_at FROM order_decision
WHERE tenant_id = %(tenant_id)s AND order_id = %(order_id)s
ORDER BY decided_at DESC, decision_id DESC
LIMIT %(limit)s

-- name: gifts_of_orders
-- Which promotions gave which lines of orders, by the rules that priced them.
SELECT d.order_id, d.rules_version, given.rule ->> 'promotion', (given.rule -> 'gift' ->> 'line')::integer
FROM order_decision d
CROSS JOIN LATERAL jsonb_array_elements(coalesce(d.data -> 'applied', '[]'::jsonb)) AS given (rule)
WHERE d.tenant_id = %(tenant_id)s AND d.order_id = ANY(%(order_ids)s::uuid[]) AND d.kind = 'placement'
    AND given.rule -> 'gift' IS NOT NULL

-- name: placement_decision
-- Why an order was placed as it was: the first decision about it.
SELECT d.rules_version, d.data FROM order_decision d
WHERE d.tenant_id = %(tenant_id)s AND d.order_id = %(order_id)s AND d.kind = 'placement'
ORDER BY d.decided_at, d.decision_id
LIMIT 1

-- name: orders_before
-- How many orders a customer had before one of them, that were not canceled, those of duplicates included that had been
-- merged by then, and of theirs; counted no further than asked.
SELECT count(*) FROM (
    SELECT 1
    FROM (
        SELECT %(customer_id)s::uuid
        UNION ALL
        SELECT m.merged_id FROM customer_merge m
        WHERE m.tenant_id = %(tenant_id)s AND m.survivor_id = %(customer_id)s::uuid AND m.merged_at <= %(placed_at)s
            AND (m.undone_at IS NULL OR m.undone_at > %(placed_at)s)
        UNION ALL
        SELECT n.merged_id
        FROM customer_merge m
        JOIN customer_merge n ON n.tenant_id = m.tenant_id AND n.survivor_id = m.merged_id
        WHERE m.tenant_id = %(tenant_id)s AND m.survivor_id = %(customer_id)s::uuid AND m.merged_at <= %(placed_at)s
            AND (m.undone_at IS NULL OR m.undone_at > %(placed_at)s) AND n.merged_at <= %(placed_at)s
            AND (n.undone_at IS NULL OR n.undone_at > %(placed_at)s)
    ) AS d (customer_id)
    CROSS JOIN LATERAL (
        SELECT 1 FROM orders o
        WHERE o.tenant_id = %(tenant_id)s AND o.customer_id = d.customer_id AND o.lifecycle <> 'canceled'
            AND (o.placed_at, o.order_id) < (%(placed_at)s, %(order_id)s)
        LIMIT %(most)s
    ) AS of_one
    LIMIT %(most)s
) AS found

-- name: price_changes
-- Who has set prices, the discount, measures or the shipping method of an order since it was placed, oldest first, and
-- the words that went with it.
SELECT e.occurred_at, e.actor_kind, e.actor_id, p.data
FROM event_log e
LEFT JOIN event_private p ON p.tenant_id = e.tenant_id AND p.event_id = e.event_id
WHERE e.tenant_id = %(tenant_id)s AND e.subject_id = %(order_id)s AND e.kind = 'orders.order_edited'
    AND EXISTS (
        SELECT 1 FROM jsonb_array_elements_text(e.data -> 'fields') AS f (field)
        WHERE f.field IN ('prices', 'discount', 'measures', 'shipping_method')
    )
ORDER BY e.occurred_at, e.event_id
LIMIT %(most)s
