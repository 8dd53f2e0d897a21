-- What must hold of orders. Each statement only reads, and returns the rows of one merchant that break it; the number
-- in its name is that of the invariant. Parameters: tenant_id, and now where time matters.

-- name: i02_numbers_are_unique
SELECT o.number, count(*) AS found, 1 AS expected
FROM orders o
WHERE o.tenant_id = %(tenant_id)s
GROUP BY o.number
HAVING count(*) > 1

-- name: i02_issued_numbers_are_below_the_next_one
-- The number is read out of the text by the merchant's pattern, whose other parts have a fixed width. What was numbered
-- by an earlier pattern is not read; a batch that was under way when the pattern changed may still have used that one.
SELECT x.order_id, x.number, x.issued AS found, x.next_number AS expected
FROM (
    SELECT o.order_id, o.number, n.next_number, substring(o.number, '^' || p.pattern || '$')::numeric AS issued
    FROM (
        SELECT
            m.tenant_id,
            regexp_replace(
                replace(replace(replace(replace(replace(
                    m.order_number_pattern,
                    '.', '\.'), '{date}', '\d{8}'), '{year}', '\d{4}'), '{month}', '\d{2}'), '{day}', '\d{2}'),
                '\{number(:0\d+d)?\}', '(\d+)'
            ) AS pattern,
            c.changed_at
        FROM merchant m
        CROSS JOIN (
            SELECT max(e.recorded_at) AS changed_at
            FROM event_log e
            CROSS JOIN LATERAL jsonb_array_elements_text(e.data -> 'fields') AS f (field)
            WHERE e.tenant_id = %(tenant_id)s AND e.subject_id = %(tenant_id)s AND e.kind = 'accounts.merchant_changed'
                AND f.field = 'order_number_pattern'
        ) AS c
        WHERE m.tenant_id = %(tenant_id)s
    ) AS p
    JOIN orders o ON o.tenant_id = p.tenant_id
    LEFT JOIN number_series n ON n.tenant_id = o.tenant_id AND n.series = 'order'
    WHERE o.tenant_id = %(tenant_id)s
        AND (p.changed_at IS NULL OR o.created_at > p.changed_at + interval '1 minute')
) AS x
WHERE x.issued >= coalesce(x.next_number, 1)

-- name: i04_line_count
SELECT o.order_id, o.number, o.line_count AS found, count(l.line_id) AS expected
FROM orders o
LEFT JOIN order_line l ON l.tenant_id = o.tenant_id AND l.order_id = o.order_id
WHERE o.tenant_id = %(tenant_id)s
GROUP BY o.order_id, o.number, o.line_count
HAVING o.line_count <> count(l.line_id)

-- name: i05_ended_orders_hold_no_stock
SELECT o.order_id, o.number, o.lifecycle, r.sku_id, r.location_id, r.quantity AS found
FROM reservation r
JOIN order_line l ON l.tenant_id = r.tenant_id AND l.line_id = r.owner_id
JOIN orders o ON o.tenant_id = l.tenant_id AND o.order_id = l.order_id
WHERE r.tenant_id = %(tenant_id)s AND r.owner_kind = 'order_line' AND o.lifecycle <> 'open'

-- name: i05_ended_orders_use_no_promotion
-- What an order uses of limits and codes is given back where it is canceled or expires.
SELECT o.order_id, o.number, o.lifecycle, r.promotion AS found
FROM redemption r
JOIN orders o ON o.tenant_id = r.tenant_id AND o.order_id = r.order_id
WHERE r.tenant_id = %(tenant_id)s AND r.given_back_at IS NULL AND o.lifecycle = 'canceled'

-- name: i05_canceled_means_all_lines_are
SELECT o.order_id, o.number, o.lifecycle AS found, sum(l.ordered - l.canceled) AS kept
FROM orders o
JOIN order_line l ON l.tenant_id = o.tenant_id AND l.order_id = o.order_id
WHERE o.tenant_id = %(tenant_id)s
GROUP BY o.order_id, o.number, o.lifecycle
HAVING (o.lifecycle = 'canceled') <> (sum(l.ordered - l.canceled) = 0)

-- name: i05_what_is_done_is_completed
-- Every line is delivered, performed or canceled, not all are canceled, and the balance is 0: then the order is not
-- open any more. Staff may complete one before.
SELECT o.order_id, o.number, o.lifecycle AS found
FROM orders o
JOIN order_line l ON l.tenant_id = o.tenant_id AND l.order_id = o.order_id
    AND l.kind IN ('goods', 'component', 'service')
WHERE o.tenant_id = %(tenant_id)s AND o.lifecycle = 'open'
    AND o.captured_minor - o.refunded_minor - o.charged_back_minor = o.total_minor
GROUP BY o.order_id, o.number, o.lifecycle
HAVING sum(l.ordered - l.canceled) > 0
    AND sum(l.ordered - l.canceled - CASE WHEN l.kind = 'service' THEN l.performed ELSE l.delivered END) = 0

-- name: i05_shipped_is_what_left_the_stock
-- Lines and the ledger of stock name the same goods, line by line.
SELECT c.line_id, c.sku_id, sum(c.shipped) AS found, sum(c.left_stock) AS expected
FROM (
    SELECT l.line_id, l.sku_id, l.shipped, 0 AS left_stock
    FROM order_line l
    WHERE l.tenant_id = %(tenant_id)s AND l.shipped > 0
    UNION ALL
    SELECT m.subject_id, m.sku_id, 0, -m.quantity
    FROM stock_movement m
    WHERE m.tenant_id = %(tenant_id)s AND m.kind = 'shipment'
) AS c
GROUP BY c.line_id, c.sku_id
HAVING sum(c.shipped) <> sum(c.left_stock)

-- name: i05_fulfillment_status_follows_the_lines
SELECT x.order_id, x.number, x.fulfillment_status AS found, x.derived AS expected
FROM (
    SELECT o.order_id, o.number, o.fulfillment_status,
        CASE
            WHEN count(l.line_id) = 0 THEN 'not_needed'
            WHEN sum(l.ordered - l.canceled) = 0 THEN 'canceled'
            WHEN sum(l.returned) >= sum(l.ordered - l.canceled) THEN 'returned'
            WHEN sum(l.returned) > 0 THEN 'partly_returned'
            WHEN sum(l.delivered + l.performed) >= sum(l.ordered - l.canceled) THEN 'delivered'
            WHEN sum(l.delivered + l.performed) > 0 THEN 'partly_delivered'
            WHEN sum(l.shipped + l.performed) >= sum(l.ordered - l.canceled) THEN 'shipped'
            WHEN sum(l.shipped + l.performed) > 0 THEN 'partly_shipped'
            WHEN sum(l.allocated) >= coalesce(sum(l.ordered - l.canceled) FILTER (WHERE l.kind <> 'service'), 0)
                THEN 'allocated'
            WHEN sum(l.allocated) > 0 THEN 'partly_allocated'
            ELSE 'waiting'
        END AS derived
    FROM orders o
    LEFT JOIN order_line l ON l.tenant_id = o.tenant_id AND l.order_id = o.order_id
        AND l.kind IN ('goods', 'component', 'service')
    WHERE o.tenant_id = %(tenant_id)s
    GROUP BY o.order_id, o.number, o.fulfillment_status
) AS x
WHERE x.fulfillment_status <> x.derived

-- name: i05_payment_status_follows_the_money
SELECT x.order_id, x.number, x.payment_status AS found, x.derived AS expected
FROM (
    SELECT o.order_id, o.number, o.payment_status,
        CASE
            WHEN o.charged_back_minor > 0 THEN 'charged_back'
            WHEN o.refunded_minor > 0 AND o.captured_minor - o.refunded_minor <= 0 THEN 'refunded'
            WHEN o.captured_minor - o.refunded_minor > o.total_minor THEN 'overpaid'
            WHEN o.captured_minor > 0 AND o.captured_minor - o.refunded_minor = o.total_minor THEN 'paid'
            WHEN o.captured_minor > 0 AND o.refunded_minor > 0 THEN 'partly_refunded'
            WHEN o.captured_minor > 0 THEN 'partly_paid'
            WHEN o.total_minor = 0 THEN 'not_due'
            WHEN o.authorized_minor >= o.total_minor THEN 'authorized'
            WHEN o.processing_count > 0 THEN 'processing'
            WHEN o.authorized_minor > 0 THEN 'partly_authorized'
            ELSE 'pending'
        END AS derived
    FROM orders o
    WHERE o.tenant_id = %(tenant_id)s
) AS x
WHERE x.payment_status <> x.derived

-- name: i06_order_total_is_the_sum_of_its_lines
SELECT o.order_id, o.number, o.total_minor AS found,
    sum(l.total_minor - div(l.total_minor::numeric * l.canceled, l.ordered)) AS expected
FROM orders o
JOIN order_line l ON l.tenant_id = o.tenant_id AND l.order_id = o.order_id
WHERE o.tenant_id = %(tenant_id)s
GROUP BY o.order_id, o.number, o.total_minor
HAVING o.total_minor <> sum(l.total_minor - div(l.total_minor::numeric * l.canceled, l.ordered))

-- name: i06_order_tax_is_the_sum_of_its_lines
SELECT o.order_id, o.number, o.tax_minor AS found,
    sum(l.tax_minor - div(l.tax_minor::numeric * l.canceled, l.ordered)) AS expected
FROM orders o
JOIN order_line l ON l.tenant_id = o.tenant_id AND l.order_id = o.order_id
WHERE o.tenant_id = %(tenant_id)s
GROUP BY o.order_id, o.number, o.tax_minor
HAVING o.tax_minor <> sum(l.tax_minor - div(l.tax_minor::numeric * l.canceled, l.ordered))

-- name: i06_line_total_adds_up
SELECT l.order_id, l.line, l.total_minor AS found,
    l.unit_minor * l.ordered - l.discount_minor + CASE WHEN l.tax_included THEN 0 ELSE l.tax_minor END AS expected
FROM order_line l
WHERE l.tenant_id = %(tenant_id)s
    AND l.total_minor
    <> l.unit_minor * l.ordered - l.discount_minor + CASE WHEN l.tax_included THEN 0 ELSE l.tax_minor END

-- name: i06_who_pays_no_tax_has_shown_why
-- What frees an order is what its customer had to show, frees goods of tax, and gives relief to no others. A fee may be
-- taxed as the goods it goes with, whatever its own class.
SELECT f.order_id, f.why
FROM (
    SELECT o.order_id, 'not_shown' AS why
    FROM orders o CROSS JOIN LATERAL jsonb_array_elements(o.tax -> 'notes') AS n (note)
    WHERE o.tenant_id = %(tenant_id)s AND n.note ->> 'code' IN ('certificate', 'reverse_charge')
        AND n.note ->> 'reference' <> ''
        AND NOT EXISTS (
            SELECT 1 FROM jsonb_array_elements(
                o.tax -> 'status' -> CASE n.note ->> 'code' WHEN 'certificate' THEN 'certificates' ELSE 'vat_numbers' END
            ) AS c (shown)
            WHERE c.shown ->> 'number' = n.note ->> 'reference'
        )
    UNION ALL
    SELECT o.order_id, 'taxed'
    FROM orders o
    CROSS JOIN LATERAL jsonb_array_elements(o.tax -> 'notes') AS n (note)
    JOIN order_line l ON l.tenant_id = o.tenant_id AND l.order_id = o.order_id AND l.kind <> 'fee'
        AND l.price_source <> 'as_sold' AND l.tax_minor > 0
    WHERE o.tenant_id = %(tenant_id)s AND n.note ->> 'code' IN ('certificate', 'reverse_charge')
        AND EXISTS (
            SELECT 1 FROM jsonb_array_elements_text(n.note -> 'classes') AS k (tax_class)
            WHERE k.tax_class = l.tax_class
        )
    UNION ALL
    SELECT l.order_id, 'relieved'
    FROM order_line l
    JOIN orders o ON o.tenant_id = l.tenant_id AND o.order_id = l.order_id
    WHERE l.tenant_id = %(tenant_id)s AND l.relief_minor > 0 AND NOT EXISTS (
        SELECT 1 FROM jsonb_array_elements(o.tax -> 'notes') AS n (note)
        WHERE n.note ->> 'code' IN ('certificate', 'reverse_charge') AND (
            l.kind = 'fee' OR EXISTS (
                SELECT 1 FROM jsonb_array_elements_text(n.note -> 'classes') AS k (tax_class)
                WHERE k.tax_class = l.tax_class
            )
        )
    )
) AS f

-- name: i07_no_more_leaves_than_was_ordered
SELECT l.order_id, l.line, l.ordered, l.canceled, l.allocated, l.shipped, l.delivered, l.returned, l.performed
FROM order_line l
WHERE l.tenant_id = %(tenant_id)s AND (
    l.allocated + l.shipped + l.performed > l.ordered - l.canceled
    OR l.delivered > l.shipped
    OR l.returned > l.shipped
    OR least(l.canceled, l.allocated, l.shipped, l.delivered, l.returned, l.performed) < 0
)

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

-- name: i12_allocated_is_what_the_line_holds
SELECT l.order_id, l.line, l.allocated AS found, coalesce(r.held, 0) AS expected
FROM order_line l
LEFT JOIN (
    SELECT v.owner_id, sum(v.quantity) AS held
    FROM reservation v
    WHERE v.tenant_id = %(tenant_id)s AND v.owner_kind = 'order_line'
    GROUP BY v.owner_id
) AS r ON r.owner_id = l.line_id
WHERE l.tenant_id = %(tenant_id)s AND l.allocated <> coalesce(r.held, 0)

-- name: i13_nothing_is_sold_that_never_was_there
-- What lines hold or have been sent, against everything that ever came in and was not lost: of each SKU, at all
-- locations. What waits for stock is not sold yet. Goods on their way between locations are nobody's to sell.
SELECT c.sku_id, sum(c.sold) AS found, sum(c.there) AS expected
FROM (
    SELECT l.sku_id, l.allocated + l.shipped AS sold, 0 AS there
    FROM order_line l
    WHERE l.tenant_id = %(tenant_id)s AND l.allocated + l.shipped > 0
    UNION ALL
    SELECT m.sku_id, 0, m.quantity
    FROM stock_movement m
    WHERE m.tenant_id = %(tenant_id)s AND m.kind <> 'shipment'
) AS c
GROUP BY c.sku_id
HAVING sum(c.sold) > sum(c.there)

-- name: i14_one_order_per_external_id
SELECT o.channel, o.external_id, count(*) AS found, 1 AS expected
FROM orders o
WHERE o.tenant_id = %(tenant_id)s AND o.external_id IS NOT NULL
GROUP BY o.channel, o.external_id
HAVING count(*) > 1

-- name: i14_a_key_led_to_its_order
SELECT k.caller, k.key, k.subject_id
FROM idempotency_key k
LEFT JOIN orders o ON o.tenant_id = k.tenant_id AND o.order_id = k.subject_id
WHERE k.tenant_id = %(tenant_id)s AND k.operation = 'orders.place' AND o.order_id IS NULL

-- name: i16_every_order_has_its_events
-- Placed, canceled, completed: each at least once, for one that was ended may have been opened again.
SELECT o.order_id, o.number, x.kind AS expected
FROM orders o
CROSS JOIN LATERAL (
    VALUES ('orders.order_placed', true),
        ('orders.order_canceled', o.lifecycle = 'canceled'),
        ('orders.order_completed', o.lifecycle = 'completed')
) AS x (kind, is_due)
LEFT JOIN event_log e ON e.tenant_id = o.tenant_id AND e.subject_id = o.order_id AND e.kind = x.kind
    AND e.kind IN ('orders.order_placed', 'orders.order_canceled', 'orders.order_completed')
WHERE o.tenant_id = %(tenant_id)s AND x.is_due AND e.event_id IS NULL

-- name: i16_every_edit_of_an_order_has_its_event
SELECT o.order_id, o.number, o.version - 1 AS found, coalesce(e.edits, 0) AS expected
FROM orders o
LEFT JOIN (
    SELECT x.subject_id, count(*) AS edits
    FROM event_log x
    WHERE x.tenant_id = %(tenant_id)s
        AND x.kind IN ('orders.order_edited', 'orders.order_assigned', 'orders.order_unassigned')
    GROUP BY x.subject_id
) AS e ON e.subject_id = o.order_id
WHERE o.tenant_id = %(tenant_id)s AND o.version - 1 <> coalesce(e.edits, 0)

-- name: i16_what_was_canceled_or_performed_was_told
-- Line by line. Opening an order again takes back what the cancellation gave up that ended it.
SELECT c.line_id, sum(c.canceled) AS canceled, sum(c.told_canceled) AS told_canceled,
    sum(c.performed) AS performed, sum(c.told_performed) AS told_performed
FROM (
    SELECT l.line_id, l.canceled, l.performed, 0 AS told_canceled, 0 AS told_performed
    FROM order_line l
    WHERE l.tenant_id = %(tenant_id)s AND l.canceled + l.performed > 0
    UNION ALL
    SELECT (x.line ->> 'line_id')::uuid, 0, 0,
        CASE e.kind WHEN 'orders.lines_canceled' THEN 1 ELSE -1 END * (x.line ->> 'quantity')::bigint, 0
    FROM event_log e
    CROSS JOIN LATERAL jsonb_array_elements(e.data -> 'lines') AS x (line)
    WHERE e.tenant_id = %(tenant_id)s AND e.kind IN ('orders.lines_canceled', 'orders.order_reopened')
    UNION ALL
    SELECT (x.line ->> 'line_id')::uuid, 0, 0, 0, (x.line ->> 'quantity')::bigint
    FROM event_log e
    CROSS JOIN LATERAL jsonb_array_elements(e.data -> 'lines') AS x (line)
    WHERE e.tenant_id = %(tenant_id)s AND e.kind = 'orders.services_performed'
) AS c
GROUP BY c.line_id
HAVING sum(c.canceled) <> sum(c.told_canceled) OR sum(c.performed) <> sum(c.told_performed)

-- name: i16_every_hold_has_its_events
-- Placed, and lifted where it was.
SELECT c.hold_id, c.kind, sum(c.done) AS expected, sum(c.told) AS found
FROM (
    SELECT h.hold_id, 'orders.hold_placed' AS kind, 1 AS done, 0 AS told
    FROM order_hold h
    WHERE h.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT h.hold_id, 'orders.hold_lifted', 1, 0
    FROM order_hold h
    WHERE h.tenant_id = %(tenant_id)s AND h.lifted_at IS NOT NULL
    UNION ALL
    SELECT (e.data ->> 'hold_id')::uuid, e.kind, 0, 1
    FROM event_log e
    WHERE e.tenant_id = %(tenant_id)s AND e.kind IN ('orders.hold_placed', 'orders.hold_lifted')
) AS c
GROUP BY c.hold_id, c.kind
HAVING sum(c.done) <> sum(c.told)

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

-- name: i16_every_view_has_its_events
SELECT v.view_id, v.version AS found, count(e.event_id) AS expected
FROM saved_view v
LEFT JOIN event_log e ON e.tenant_id = v.tenant_id AND e.subject_id = v.view_id
    AND e.kind IN ('orders.view_saved', 'orders.view_changed')
WHERE v.tenant_id = %(tenant_id)s
GROUP BY v.view_id, v.version
HAVING v.version <> count(e.event_id)

-- name: i16_every_draft_has_its_events
-- One tells of it as it is now: saved, or taken back. It was thrown away once more often than taken back, or as often.
SELECT d.draft_id, d.version, 'orders.draft_saved' AS expected
FROM order_draft d
LEFT JOIN event_log e ON e.tenant_id = d.tenant_id AND e.subject_id = d.draft_id
    AND e.kind IN ('orders.draft_saved', 'orders.draft_restored') AND (e.data ->> 'version')::bigint = d.version
WHERE d.tenant_id = %(tenant_id)s AND d.discarded_at IS NULL AND e.event_id IS NULL
UNION ALL
SELECT d.draft_id, d.version, CASE WHEN d.discarded_at IS NULL THEN '' ELSE 'orders.draft_discarded' END
FROM order_draft d
LEFT JOIN event_log e ON e.tenant_id = d.tenant_id AND e.subject_id = d.draft_id
    AND e.kind IN ('orders.draft_discarded', 'orders.draft_restored')
WHERE d.tenant_id = %(tenant_id)s
GROUP BY d.draft_id, d.version, d.discarded_at
HAVING count(e.event_id) FILTER (WHERE e.kind = 'orders.draft_discarded')
    - count(e.event_id) FILTER (WHERE e.kind = 'orders.draft_restored')
    <> CASE WHEN d.discarded_at IS NULL THEN 0 ELSE 1 END

-- name: i18_what_belongs_to_an_order_has_one
-- Terms are not asked here: they belong to the order whose wording they are.
SELECT x.what, x.order_id
FROM (
    SELECT 'order_line' AS what, l.order_id FROM order_line l WHERE l.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT 'order_address', a.order_id FROM order_address a WHERE a.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT 'order_note', n.order_id FROM order_note n WHERE n.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT 'order_tag', g.order_id FROM order_tag g WHERE g.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT 'order_attribute', b.order_id FROM order_attribute b WHERE b.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT 'order_reference', e.order_id FROM order_reference e WHERE e.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT 'order_hold', h.order_id FROM order_hold h WHERE h.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT 'order_decision', d.order_id FROM order_decision d WHERE d.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT 'order_draft', f.order_id FROM order_draft f WHERE f.tenant_id = %(tenant_id)s AND f.order_id IS NOT NULL
    UNION ALL
    SELECT 'order_wording', w.order_id FROM order_wording w WHERE w.tenant_id = %(tenant_id)s
) AS x
LEFT JOIN orders o ON o.tenant_id = %(tenant_id)s AND o.order_id = x.order_id
WHERE o.order_id IS NULL

-- name: i18_an_orders_wording_is_its_terms
-- They have the same sum of hashes: there are thirty terms to an order, too many to be joined one by one.
SELECT c.order_id, sum(c.hash) AS found, 0 AS expected
FROM (
    SELECT t.order_id, sum(hashtext(t.term)) AS hash
    FROM order_term t
    WHERE t.tenant_id = %(tenant_id)s
    GROUP BY t.order_id
    UNION ALL
    SELECT w.order_id, -x.hash
    FROM order_wording w
    CROSS JOIN LATERAL (
        SELECT sum(hashtext(u.term)) AS hash
        FROM unnest(string_to_array(substr(w.terms, 2), chr(10))) AS u (term)
    ) AS x
    WHERE w.tenant_id = %(tenant_id)s
) AS c
GROUP BY c.order_id
HAVING sum(c.hash) <> 0

-- name: i18_orders_name_things_of_the_same_merchant
SELECT 'customer' AS what, o.order_id AS of, o.customer_id AS id
FROM orders o
LEFT JOIN customer c ON c.tenant_id = o.tenant_id AND c.customer_id = o.customer_id
WHERE o.tenant_id = %(tenant_id)s AND o.customer_id IS NOT NULL AND c.customer_id IS NULL
UNION ALL
SELECT 'location', o.order_id, o.requested_location_id
FROM orders o
LEFT JOIN location p ON p.tenant_id = o.tenant_id AND p.location_id = o.requested_location_id
WHERE o.tenant_id = %(tenant_id)s AND o.requested_location_id IS NOT NULL AND p.location_id IS NULL
UNION ALL
SELECT 'sku', l.line_id, l.sku_id
FROM order_line l
LEFT JOIN sku s ON s.tenant_id = l.tenant_id AND s.sku_id = l.sku_id
WHERE l.tenant_id = %(tenant_id)s AND l.sku_id IS NOT NULL AND s.sku_id IS NULL
UNION ALL
SELECT 'location', l.line_id, l.requested_location_id
FROM order_line l
LEFT JOIN location p ON p.tenant_id = l.tenant_id AND p.location_id = l.requested_location_id
WHERE l.tenant_id = %(tenant_id)s AND l.requested_location_id IS NOT NULL AND p.location_id IS NULL
UNION ALL
SELECT 'kit', l.line_id, l.sku_id
FROM order_line l
LEFT JOIN order_line k ON k.tenant_id = l.tenant_id AND k.order_id = l.order_id AND k.line = l.parent_line
    AND k.kind = 'kit'
WHERE l.tenant_id = %(tenant_id)s AND l.parent_line IS NOT NULL AND k.line_id IS NULL

-- name: i18_reservations_belong_to_lines
-- A line holds its own SKU and no other.
SELECT r.owner_id, r.sku_id, r.location_id, r.quantity, l.sku_id AS expected
FROM reservation r
LEFT JOIN order_line l ON l.tenant_id = r.tenant_id AND l.line_id = r.owner_id AND l.sku_id = r.sku_id
WHERE r.tenant_id = %(tenant_id)s AND r.owner_kind = 'order_line' AND l.line_id IS NULL

-- name: i18_orders_are_priced_by_a_book_that_is_kept
-- Versions of before there were books are not kept.
SELECT o.order_id, o.number, o.price_rules_version AS found
FROM orders o
CROSS JOIN (SELECT min(b.version) AS version FROM price_book b WHERE b.tenant_id = %(tenant_id)s) AS oldest
LEFT JOIN price_book b ON b.tenant_id = o.tenant_id AND b.version = o.price_rules_version
WHERE o.tenant_id = %(tenant_id)s AND o.price_rules_version >= oldest.version AND b.version IS NULL

-- name: i18_uses_of_promotions_are_of_the_book_that_priced_the_order
SELECT o.order_id, o.number, r.promotion AS found
FROM redemption r
JOIN orders o ON o.tenant_id = r.tenant_id AND o.order_id = r.order_id
LEFT JOIN (
    SELECT b.version, p ->> 'id' AS promotion
    FROM price_book b CROSS JOIN LATERAL jsonb_array_elements(b.document -> 'promotions') AS p
    WHERE b.tenant_id = %(tenant_id)s
) AS known ON known.version = o.price_rules_version AND known.promotion = r.promotion
WHERE r.tenant_id = %(tenant_id)s AND known.version IS NULL
