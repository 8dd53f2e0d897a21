-- Orders of customers who are to be forgotten.

-- name: obstacles
-- What is not over yet: open, or money on its way, or one side owes the other. Of imported history the money is told.
SELECT x.number, x.why FROM (
    SELECT o.order_id, o.number, CASE
            WHEN o.lifecycle = 'open' THEN 'open'
            WHEN o.history THEN ''
            WHEN o.processing_count > 0 THEN 'moving'
            WHEN o.captured_minor - o.refunded_minor - o.charged_back_minor > o.total_minor THEN 'owed_to'
            WHEN o.captured_minor - o.refunded_minor - o.charged_back_minor < o.total_minor THEN 'owed_by'
            ELSE ''
        END AS why
    FROM orders o
    WHERE o.tenant_id = %(tenant_id)s AND o.customer_id = ANY(%(customer_ids)s::uuid[])
) AS x
WHERE x.why <> ''
ORDER BY x.order_id
LIMIT %(limit)s

-- name: count_orders
SELECT count(*) FROM orders o
WHERE o.tenant_id = %(tenant_id)s AND o.customer_id = ANY(%(customer_ids)s::uuid[])

-- name: order_ids_after
SELECT o.order_id, o.lifecycle = 'open' FROM orders o
WHERE o.tenant_id = %(tenant_id)s AND o.customer_id = ANY(%(customer_ids)s::uuid[])
    AND (%(after_id)s::uuid IS NULL OR o.order_id > %(after_id)s::uuid)
ORDER BY o.order_id
LIMIT %(limit)s

-- name: all_order_ids
SELECT o.order_id FROM orders o
WHERE o.tenant_id = %(tenant_id)s AND o.customer_id = ANY(%(customer_ids)s::uuid[])
ORDER BY o.order_id

-- name: said_in_orders
SELECT l.order_id, l.line_id, l.attributes, l.placed_attributes FROM order_line l
WHERE l.tenant_id = %(tenant_id)s AND l.order_id = ANY(%(order_ids)s::uuid[]) AND l.attributes IS NOT NULL
ORDER BY l.order_id, l.line

-- name: drafts_of_customers
-- Orders that are being written for them; a draft is what somebody has typed so far, so its customer is a text.
SELECT d.draft_id FROM order_draft d
WHERE d.tenant_id = %(tenant_id)s AND d.order_id IS NULL AND d.data ->> 'customer_id' = ANY(%(customers)s::text[])
ORDER BY d.draft_id

-- name: views_that_search
SELECT v.view_id, v.list_name, v.filters ->> 'q' FROM saved_view v
WHERE v.tenant_id = %(tenant_id)s AND v.filters ->> 'q' <> ''
ORDER BY v.view_id
