-- What must hold of erasures. Each statement only reads, and returns the rows of one merchant that break it; the number
-- in its name is that of the invariant. Parameters: tenant_id, and now where time matters.

-- name: i16_every_erasure_has_its_events
-- Begun, and every id it was known by is told to be erased when it is done.
SELECT x.customer_id, x.kind AS expected
FROM (
    SELECT e.customer_id, 'customers.erasure_begun' AS kind FROM erasure e WHERE e.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT u.customer_id, 'customers.customer_erased'
    FROM erasure e CROSS JOIN LATERAL unnest(e.customer_ids) AS u (customer_id)
    WHERE e.tenant_id = %(tenant_id)s AND e.status = 'done'
) AS x
LEFT JOIN event_log l ON l.tenant_id = %(tenant_id)s AND l.subject_id = x.customer_id AND l.kind = x.kind
WHERE l.event_id IS NULL

-- name: i20_no_erasure_waits_for_days
-- An order that slipped in may have to be finished first; somebody has to do it.
SELECT e.erasure_id, e.customer_id, e.begun_at
FROM erasure e
WHERE e.tenant_id = %(tenant_id)s AND e.status <> 'done'
    AND e.begun_at < %(now)s::timestamptz - interval '7 days'

-- name: i21_customers_are_closed_by_erasures
-- Who is closed has an erasure that names the id; who is wiped has one that is done.
SELECT c.customer_id, c.erasing_since, c.erased_at, u.status
FROM customer c
LEFT JOIN (
    SELECT x.customer_id, e.status
    FROM erasure e CROSS JOIN LATERAL unnest(e.customer_ids) AS x (customer_id)
    WHERE e.tenant_id = %(tenant_id)s
) AS u ON u.customer_id = c.customer_id
WHERE c.tenant_id = %(tenant_id)s
    AND ((c.erasing_since IS NULL) <> (u.customer_id IS NULL)
        OR (c.erased_at IS NULL) <> (u.status IS DISTINCT FROM 'done'))

-- name: i21_nothing_is_left_of_erased_customers
-- In the tables of customers, and in carts and sessions.
SELECT x.what, x.customer_id
FROM (
    SELECT 'customer' AS what, c.customer_id FROM customer c
    WHERE c.tenant_id = %(tenant_id)s AND c.erased_at IS NOT NULL
        AND (c.name <> '' OR c.phone <> '' OR c.email <> '' OR c.tax_number <> '' OR c.external_id IS NOT NULL)
    UNION ALL
    SELECT 'customer_contact', k.customer_id FROM customer_contact k WHERE k.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT 'customer_address', a.customer_id FROM customer_address a WHERE a.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT 'customer_note', n.customer_id FROM customer_note n WHERE n.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT 'customer_tag', t.customer_id FROM customer_tag t WHERE t.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT 'customer_group_member', g.customer_id FROM customer_group_member g WHERE g.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT 'customer_consent', s.customer_id FROM customer_consent s
    WHERE s.tenant_id = %(tenant_id)s AND s.source <> ''
    UNION ALL
    SELECT 'customer_tax_exemption', e.customer_id FROM customer_tax_exemption e WHERE e.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT 'customer_tax_certificate', f.customer_id FROM customer_tax_certificate f
    WHERE f.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT 'customer_term', r.customer_id FROM customer_term r WHERE r.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT 'customer_account', k.customer_id FROM customer_account k WHERE k.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT 'customer_link', l.customer_id FROM customer_link l
    WHERE l.tenant_id = %(tenant_id)s AND l.customer_id IS NOT NULL
    UNION ALL
    SELECT 'cart', b.customer_id FROM cart b WHERE b.tenant_id = %(tenant_id)s AND b.customer_id IS NOT NULL
) AS x
JOIN customer c ON c.tenant_id = %(tenant_id)s AND c.customer_id = x.customer_id AND c.erased_at IS NOT NULL

-- name: i21_nothing_is_left_in_orders_of_erased_customers
-- Who it was, where it went, and what was said until the customer was closed; staff may go on writing about an order.
-- For what was written on goods stand signs of braille (U+2801 to U+28FF), one for a letter.
SELECT x.what, x.order_id
FROM (
    SELECT 'orders' AS what, o.order_id FROM orders o
    WHERE o.tenant_id = %(tenant_id)s AND (o.contact_name <> '' OR o.contact_phone <> '' OR o.contact_email <> '')
    UNION ALL
    SELECT 'orders', o.order_id FROM orders o
    WHERE o.tenant_id = %(tenant_id)s AND (
        EXISTS (
            SELECT 1 FROM jsonb_array_elements(o.tax -> 'status' -> 'vat_numbers') AS v (shown)
            WHERE v.shown ->> 'number' <> ''
        )
        OR EXISTS (
            SELECT 1 FROM jsonb_array_elements(o.tax -> 'status' -> 'certificates') AS c (shown)
            WHERE c.shown ->> 'number' <> ''
        )
        OR EXISTS (
            SELECT 1 FROM jsonb_array_elements(o.tax -> 'notes') AS n (note) WHERE n.note ->> 'reference' <> ''
        )
    )
    UNION ALL
    SELECT 'order_address', a.order_id FROM order_address a
    WHERE a.tenant_id = %(tenant_id)s AND (
        a.name <> '' OR a.phone <> '' OR a.company <> '' OR a.region <> '' OR a.city <> '' OR a.district <> ''
        OR a.line1 <> '' OR a.line2 <> '' OR a.postal_code <> '' OR a.lat IS NOT NULL OR a.lon IS NOT NULL
    )
    UNION ALL
    SELECT 'order_draft', d.order_id FROM order_draft d WHERE d.tenant_id = %(tenant_id)s AND d.order_id IS NOT NULL
    UNION ALL
    SELECT 'order_look_up', l.order_id FROM order_look_up l
    WHERE l.tenant_id = %(tenant_id)s AND l.order_id IS NOT NULL
    UNION ALL
    SELECT 'order_line', l.order_id FROM order_line l WHERE l.tenant_id = %(tenant_id)s AND l.price_reason <> '—'
    UNION ALL
    SELECT 'order_line', l.order_id FROM order_line l
    WHERE l.tenant_id = %(tenant_id)s AND l.attributes IS NOT NULL AND EXISTS (
        SELECT 1
        FROM jsonb_array_elements(l.attributes || COALESCE(l.placed_attributes, '[]'::jsonb)) AS s (said)
        WHERE s.said -> 'letters' IS NOT NULL AND s.said ->> 'value' <> ''
            AND ascii(s.said ->> 'value') NOT BETWEEN 10241 AND 10495
    )
    UNION ALL
    SELECT 'payment', p.order_id FROM payment p
    WHERE p.tenant_id = %(tenant_id)s AND (p.pay_url <> '' OR p.return_url <> '')
    UNION ALL
    SELECT 'parcel_label', f.order_id FROM parcel_label b
    JOIN parcel p ON p.tenant_id = %(tenant_id)s AND p.parcel_id = b.parcel_id
    JOIN fulfillment f ON f.tenant_id = %(tenant_id)s AND f.fulfillment_id = p.fulfillment_id
    WHERE b.tenant_id = %(tenant_id)s AND b.media_type <> 'text/plain'
) AS x
JOIN orders o ON o.tenant_id = %(tenant_id)s AND o.order_id = x.order_id
JOIN customer c ON c.tenant_id = %(tenant_id)s AND c.customer_id = o.customer_id AND c.erased_at IS NOT NULL

-- name: i21_no_words_are_left_about_erased_customers
-- Notes and the private parts of events, about the customer and the orders, from before the customer was closed.
SELECT x.what, x.id
FROM (
    SELECT 'order_note' AS what, n.note_id AS id, n.order_id AS about_id, n.written_at FROM order_note n
    WHERE n.tenant_id = %(tenant_id)s AND n.text <> '—'
    UNION ALL
    SELECT 'case_note', n.note_id, f.subject_id, n.written_at FROM case_note n
    JOIN case_file f ON f.tenant_id = n.tenant_id AND f.case_id = n.case_id
    WHERE n.tenant_id = %(tenant_id)s AND n.text <> '—'
    UNION ALL
    SELECT 'event_private', p.event_id, l.subject_id, l.recorded_at FROM event_private p
    JOIN event_log l ON l.tenant_id = p.tenant_id AND l.event_id = p.event_id
    WHERE p.tenant_id = %(tenant_id)s
) AS x
LEFT JOIN orders o ON o.tenant_id = %(tenant_id)s AND o.order_id = x.about_id
JOIN customer c ON c.tenant_id = %(tenant_id)s AND c.erased_at IS NOT NULL AND x.written_at < c.erasing_since
    AND (c.customer_id = o.customer_id OR c.customer_id = x.about_id)
