-- What must hold of what orders cost, and of the money paid for them. Each statement only reads, and returns the rows
-- of one merchant that break it; the number in its name is that of the invariant. Parameters: tenant_id, and now where
-- time matters.

-- name: i06_order_total_is_the_sum_of_its_lines
SELECT o.order_id, o.number, o.total_minor AS found,
    sum(l.total_minor - div(l.total_minor::numeric * l.canceled, l.ordered)) AS expected
FROM orders o
JOIN order_line l ON l.tenant_id = o.tenant_id AND l.order_id = o.order_id
WHERE o.tenant_id = %(tenant_id)s
GROUP BY o.order_id, o.number, o.total_minor
HAVING o.total_minor <> sum(l.total_minor - div(l.total_minor::numeric * l.canceled, l.ordered))

-- name: i06_line_total_adds_up
SELECT l.order_id, l.line, l.total_minor AS found,
    l.unit_minor * l.ordered - l.discount_minor + CASE WHEN l.tax_included THEN 0 ELSE l.tax_minor END AS expected
FROM order_line l
WHERE l.tenant_id = %(tenant_id)s
    AND l.total_minor
    <> l.unit_minor * l.ordered - l.discount_minor + CASE WHEN l.tax_included THEN 0 ELSE l.tax_minor END

-- name: i08_what_an_edit_made_too_much_is_somebodys
-- An order that was paid and costs less since somebody took something off its lines: people were asked to give the rest
-- back, unless it is on its way, or refunds of as much failed: their cases are open, or people have settled them. Where
-- lines were canceled, their refund asks for all of it. Of lines that were changed before they kept what they had cost,
-- nobody was asked.
SELECT o.order_id, o.number, o.captured_minor - o.refunded_minor - o.charged_back_minor AS found,
    o.total_minor AS expected
FROM orders o
WHERE o.tenant_id = %(tenant_id)s AND o.lifecycle <> 'canceled' AND NOT o.history
    AND o.captured_minor - o.refunded_minor - o.charged_back_minor - o.refunding_minor > o.total_minor
    AND EXISTS (
        SELECT 1 FROM order_line l
        WHERE l.tenant_id = o.tenant_id AND l.order_id = o.order_id AND l.placed_source IS NOT NULL
    )
    AND NOT EXISTS (
        SELECT 1 FROM order_line l WHERE l.tenant_id = o.tenant_id AND l.order_id = o.order_id AND l.canceled > 0
    )
    AND NOT EXISTS (
        SELECT 1 FROM case_file c
        WHERE c.tenant_id = o.tenant_id AND c.subject_kind = 'order' AND c.subject_id = o.order_id
            AND c.kind IN ('refund_due', 'overpaid')
    )
    AND o.captured_minor - o.refunded_minor - o.charged_back_minor - o.refunding_minor - o.total_minor > (
        SELECT coalesce(sum((c.data ->> 'amount_minor')::bigint), 0) FROM case_file c
        WHERE c.tenant_id = o.tenant_id AND c.kind = 'refund_failed' AND c.data ->> 'order_id' = o.order_id::text
            AND (c.state = 'open' OR c.resolved_by <> 'jiedan')
    )

-- name: i08_what_leaves_an_order_is_told_only_while_it_needs_it
-- A case about money that is on its way back from an order that was opened again: so much still is, and without it the
-- order is not paid.
SELECT o.order_id, o.number, o.refunding_minor AS found, (c.data ->> 'amount_minor')::bigint AS expected, o.lifecycle
FROM case_file c
JOIN orders o ON o.tenant_id = c.tenant_id AND o.order_id = c.subject_id
WHERE c.tenant_id = %(tenant_id)s AND c.state = 'open' AND c.kind = 'refund_under_way' AND c.subject_kind = 'order'
    AND (
        o.lifecycle = 'canceled' OR (c.data ->> 'amount_minor')::bigint NOT BETWEEN 1 AND o.refunding_minor
        OR o.captured_minor - o.refunded_minor - o.charged_back_minor - o.refunding_minor >= o.total_minor
    )

-- name: i16_an_orders_money_was_told
-- One of the order's events says what its money facts are now; not the last one by id, for ids of two processes do not
-- tell who was first.
SELECT o.order_id, o.number, o.authorized_minor, o.captured_minor, o.refunded_minor, o.charged_back_minor
FROM orders o
LEFT JOIN event_log e ON e.tenant_id = o.tenant_id AND e.subject_id = o.order_id AND e.kind = 'orders.payment_recorded'
    AND (e.data ->> 'authorized_minor')::bigint = o.authorized_minor
    AND (e.data ->> 'captured_minor')::bigint = o.captured_minor
    AND (e.data ->> 'refunded_minor')::bigint = o.refunded_minor
    AND (e.data ->> 'charged_back_minor')::bigint = o.charged_back_minor
WHERE o.tenant_id = %(tenant_id)s
    AND o.authorized_minor + o.captured_minor + o.refunded_minor + o.charged_back_minor > 0 AND e.event_id IS NULL
