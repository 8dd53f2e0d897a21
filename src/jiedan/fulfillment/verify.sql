-- What must hold of releases, fulfillments and parcels. Each statement only reads, and returns the rows of one merchant
-- that break it; the number in its name is that of the invariant. Parameters: tenant_id, and now where time matters.
-- Orders with events that are not handed out yet are left out where the drain has still to act.

-- name: i03_open_requests_are_what_lines_have_released
SELECT l.order_id, l.line, l.released AS found, coalesce(x.open, 0) AS expected
FROM order_line l
LEFT JOIN (
    SELECT fl.line_id, sum(fl.released - fl.short - fl.withdrawn - fl.shipped) AS open
    FROM fulfillment_line fl
    WHERE fl.tenant_id = %(tenant_id)s AND fl.released - fl.short - fl.withdrawn - fl.shipped <> 0
    GROUP BY fl.line_id
) AS x ON x.line_id = l.line_id
WHERE l.tenant_id = %(tenant_id)s AND l.released <> coalesce(x.open, 0)
    AND NOT EXISTS (
        SELECT 1 FROM outbox o JOIN event_log e ON e.tenant_id = o.tenant_id AND e.event_id = o.event_id
        WHERE o.tenant_id = %(tenant_id)s AND e.tenant_id = %(tenant_id)s AND e.subject_id = l.order_id
    )

-- name: i03_released_goods_are_held_where_they_are_picked
SELECT x.order_id, x.line_id, x.location_id, x.open AS found, coalesce(r.quantity, 0) AS expected
FROM (
    SELECT f.order_id, fl.line_id, f.location_id, sum(fl.released - fl.short - fl.withdrawn - fl.shipped) AS open
    FROM fulfillment_line fl
    JOIN fulfillment f ON f.tenant_id = fl.tenant_id AND f.fulfillment_id = fl.fulfillment_id
    WHERE fl.tenant_id = %(tenant_id)s AND fl.released - fl.short - fl.withdrawn - fl.shipped <> 0
    GROUP BY f.order_id, fl.line_id, f.location_id
) AS x
LEFT JOIN reservation r ON r.tenant_id = %(tenant_id)s AND r.owner_kind = 'order_line' AND r.owner_id = x.line_id
    AND r.location_id = x.location_id
WHERE x.open > coalesce(r.quantity, 0)
    AND NOT EXISTS (
        SELECT 1 FROM outbox o JOIN event_log e ON e.tenant_id = o.tenant_id AND e.event_id = o.event_id
        WHERE o.tenant_id = %(tenant_id)s AND e.tenant_id = %(tenant_id)s AND e.subject_id = x.order_id
    )

-- name: i03_what_may_go_is_released
SELECT o.order_id, o.number, sum(l.released) AS found, sum(l.allocated) AS expected
FROM orders o
JOIN order_line l ON l.tenant_id = o.tenant_id AND l.order_id = o.order_id
JOIN merchant m ON m.tenant_id = o.tenant_id
WHERE o.tenant_id = %(tenant_id)s AND o.lifecycle = 'open' AND NOT o.history
    AND (
        o.payment_terms <> 'prepaid'
        OR o.captured_minor - o.refunded_minor - o.charged_back_minor - o.refunding_minor
        + CASE WHEN m.release_on_authorization THEN o.authorized_minor ELSE 0 END >= o.total_minor
    )
    AND NOT EXISTS (
        SELECT 1 FROM order_hold h
        WHERE h.tenant_id = %(tenant_id)s AND h.order_id = o.order_id AND h.lifted_at IS NULL
    )
    AND NOT EXISTS (
        SELECT 1 FROM outbox b JOIN event_log e ON e.tenant_id = b.tenant_id AND e.event_id = b.event_id
        WHERE b.tenant_id = %(tenant_id)s AND e.tenant_id = %(tenant_id)s AND e.subject_id = o.order_id
    )
    AND NOT EXISTS (
        SELECT 1 FROM outbox_retry b JOIN event_log e ON e.tenant_id = b.tenant_id AND e.event_id = b.event_id
        WHERE b.tenant_id = %(tenant_id)s AND e.tenant_id = %(tenant_id)s AND e.subject_id = o.order_id
            AND b.dead_at IS NULL
    )
GROUP BY o.order_id, o.number, o.split
HAVING sum(l.released) < sum(l.allocated)
    AND NOT (
        o.split = 'never'
        AND sum(l.ordered - l.canceled - l.shipped - l.allocated) FILTER (WHERE l.kind IN ('goods', 'component')) > 0
    )

-- name: i05_status_follows_the_lines
SELECT x.fulfillment_id, x.number, x.status AS found, x.derived AS expected
FROM (
    SELECT f.fulfillment_id, f.number, f.status,
        CASE
            WHEN sum(l.released - l.short - l.withdrawn) = 0 THEN
                CASE WHEN sum(l.picked) > 0 THEN 'stopped' ELSE 'canceled' END
            WHEN sum(l.delivered) >= sum(l.released - l.short - l.withdrawn) THEN
                CASE WHEN f.method = 'collect' THEN 'collected' ELSE 'delivered' END
            WHEN sum(l.shipped) >= sum(l.released - l.short - l.withdrawn) THEN 'shipped'
            WHEN sum(l.shipped) > 0 THEN 'partly_shipped'
            WHEN f.ready_at IS NOT NULL THEN 'ready'
            WHEN bool_and(l.packed >= l.released - l.short - l.withdrawn) THEN 'packed'
            WHEN bool_and(l.picked >= l.released - l.short - l.withdrawn) THEN 'picked'
            WHEN sum(l.picked) > 0 THEN 'picking'
            ELSE 'released'
        END AS derived
    FROM fulfillment f
    JOIN fulfillment_line l ON l.tenant_id = f.tenant_id AND l.fulfillment_id = f.fulfillment_id
    WHERE f.tenant_id = %(tenant_id)s
    GROUP BY f.fulfillment_id, f.number, f.status, f.method, f.ready_at
) AS x
WHERE x.status <> x.derived

-- name: i07_each_step_follows_the_one_before
SELECT l.fulfillment_id, l.line, l.released, l.picked, l.packed, l.shipped, l.delivered
FROM fulfillment_line l
WHERE l.tenant_id = %(tenant_id)s
    AND NOT (l.released >= l.picked AND l.picked >= l.packed AND l.packed >= l.shipped AND l.shipped >= l.delivered)

-- name: i07_order_lines_are_what_left
SELECT l.order_id, l.line, l.shipped AS found, coalesce(x.shipped, 0) AS expected, l.delivered,
    coalesce(x.delivered, 0) AS delivered_expected
FROM order_line l
LEFT JOIN (
    SELECT fl.line_id, sum(fl.shipped) AS shipped, sum(fl.delivered) AS delivered
    FROM fulfillment_line fl
    WHERE fl.tenant_id = %(tenant_id)s
    GROUP BY fl.line_id
) AS x ON x.line_id = l.line_id
WHERE l.tenant_id = %(tenant_id)s
    AND (l.shipped <> coalesce(x.shipped, 0) OR l.delivered <> coalesce(x.delivered, 0))

-- name: i07_parcels_hold_what_was_packed
SELECT l.fulfillment_id, l.line, l.packed, l.shipped, l.delivered, x.packed AS packed_expected,
    x.shipped AS shipped_expected, x.delivered AS delivered_expected
FROM fulfillment_line l
LEFT JOIN (
    SELECT p.fulfillment_id, c.line_id, sum(c.quantity) AS packed,
        sum(c.quantity) FILTER (WHERE p.shipped_at IS NOT NULL) AS shipped,
        sum(c.quantity) FILTER (WHERE p.state = 'delivered') AS delivered
    FROM parcel p
    JOIN parcel_line c ON c.tenant_id = p.tenant_id AND c.parcel_id = p.parcel_id
    WHERE p.tenant_id = %(tenant_id)s AND p.state <> 'unpacked'
    GROUP BY p.fulfillment_id, c.line_id
) AS x ON x.fulfillment_id = l.fulfillment_id AND x.line_id = l.line_id
WHERE l.tenant_id = %(tenant_id)s
    AND (
        l.packed <> coalesce(x.packed, 0) OR l.shipped <> coalesce(x.shipped, 0)
        OR l.delivered <> coalesce(x.delivered, 0)
    )

-- name: i11_what_left_is_in_the_ledger
SELECT c.line_id, sum(c.shipped) AS expected, sum(c.moved) AS found
FROM (
    SELECT i.line_id, i.quantity AS shipped, 0 AS moved
    FROM parcel p
    JOIN parcel_line i ON i.tenant_id = p.tenant_id AND i.parcel_id = p.parcel_id
    WHERE p.tenant_id = %(tenant_id)s AND p.shipped_at IS NOT NULL
    UNION ALL
    SELECT s.subject_id, 0, -s.quantity
    FROM stock_movement s
    WHERE s.tenant_id = %(tenant_id)s AND s.kind = 'shipment'
) AS c
GROUP BY c.line_id
HAVING sum(c.shipped) > 0 AND sum(c.shipped) <> sum(c.moved)

-- name: i12_what_left_holds_nothing
SELECT l.order_id, l.line, r.held AS found, l.ordered - l.canceled - l.shipped AS expected
FROM order_line l
JOIN (
    SELECT v.owner_id, sum(v.quantity) AS held
    FROM reservation v
    WHERE v.tenant_id = %(tenant_id)s AND v.owner_kind = 'order_line'
    GROUP BY v.owner_id
) AS r ON r.owner_id = l.line_id
WHERE l.tenant_id = %(tenant_id)s AND r.held > l.ordered - l.canceled - l.shipped

-- name: i16_every_release_has_its_event
SELECT f.fulfillment_id, f.number
FROM fulfillment f
LEFT JOIN event_log e ON e.tenant_id = f.tenant_id AND e.subject_id = f.order_id
    AND e.kind = 'fulfillment.fulfillment_released' AND e.data ->> 'fulfillment_id' = f.fulfillment_id::text
WHERE f.tenant_id = %(tenant_id)s AND e.event_id IS NULL

-- name: i16_every_parcel_has_its_events
SELECT p.parcel_id, p.number, x.kind AS expected
FROM parcel p
JOIN fulfillment f ON f.tenant_id = p.tenant_id AND f.fulfillment_id = p.fulfillment_id
CROSS JOIN LATERAL (
    VALUES ('fulfillment.parcel_packed', true),
        ('fulfillment.parcel_unpacked', p.state = 'unpacked'),
        ('fulfillment.parcel_shipped', p.shipped_at IS NOT NULL AND f.method = 'ship'),
        ('fulfillment.parcel_delivered', p.state = 'delivered' AND f.method = 'ship')
) AS x (kind, is_due)
LEFT JOIN event_log e ON e.tenant_id = p.tenant_id AND e.subject_id = f.order_id AND e.kind = x.kind
    AND e.kind IN (
        'fulfillment.parcel_packed', 'fulfillment.parcel_unpacked', 'fulfillment.parcel_shipped',
        'fulfillment.parcel_delivered'
    )
    AND e.data ->> 'parcel_id' = p.parcel_id::text
WHERE p.tenant_id = %(tenant_id)s AND x.is_due AND e.event_id IS NULL

-- name: i18_fulfillments_and_parcels_belong_to_things_of_the_same_merchant
SELECT 'fulfillment' AS what, f.fulfillment_id AS id
FROM fulfillment f
LEFT JOIN orders o ON o.tenant_id = f.tenant_id AND o.order_id = f.order_id
LEFT JOIN location p ON p.tenant_id = f.tenant_id AND p.location_id = f.location_id
WHERE f.tenant_id = %(tenant_id)s AND (o.order_id IS NULL OR p.location_id IS NULL)
UNION ALL
SELECT 'parcel', p.parcel_id
FROM parcel p
LEFT JOIN fulfillment f ON f.tenant_id = p.tenant_id AND f.fulfillment_id = p.fulfillment_id
WHERE p.tenant_id = %(tenant_id)s AND f.fulfillment_id IS NULL
UNION ALL
SELECT 'parcel_label', l.parcel_id
FROM parcel_label l
LEFT JOIN parcel p ON p.tenant_id = l.tenant_id AND p.parcel_id = l.parcel_id
WHERE l.tenant_id = %(tenant_id)s AND p.parcel_id IS NULL

-- name: i18_lines_belong_to_the_order_of_their_fulfillment
SELECT l.fulfillment_id, l.line_id, f.order_id AS expected, o.order_id AS found
FROM fulfillment_line l
LEFT JOIN fulfillment f ON f.tenant_id = l.tenant_id AND f.fulfillment_id = l.fulfillment_id
LEFT JOIN order_line o ON o.tenant_id = l.tenant_id AND o.line_id = l.line_id
WHERE l.tenant_id = %(tenant_id)s AND (o.order_id = f.order_id) IS NOT TRUE

-- name: i18_parcels_hold_lines_of_their_fulfillment
SELECT c.parcel_id, c.line_id
FROM parcel_line c
LEFT JOIN parcel p ON p.tenant_id = c.tenant_id AND p.parcel_id = c.parcel_id
LEFT JOIN fulfillment_line l ON l.tenant_id = p.tenant_id AND l.fulfillment_id = p.fulfillment_id
    AND l.line_id = c.line_id
WHERE c.tenant_id = %(tenant_id)s AND l.line_id IS NULL

-- name: i18_acknowledged_notes_are_of_the_same_order
SELECT a.fulfillment_id, a.note_id
FROM note_acknowledgement a
JOIN fulfillment f ON f.tenant_id = a.tenant_id AND f.fulfillment_id = a.fulfillment_id
LEFT JOIN order_note n ON n.tenant_id = a.tenant_id AND n.note_id = a.note_id AND n.order_id = f.order_id
WHERE a.tenant_id = %(tenant_id)s AND n.note_id IS NULL

-- name: i16_every_promise_has_its_event
SELECT o.order_id, o.number, o.promised_p50_on, o.promised_p90_on
FROM orders o
LEFT JOIN event_log e ON e.tenant_id = o.tenant_id AND e.subject_id = o.order_id
    AND e.kind = 'orders.delivery_promised' AND e.data ->> 'p90_on' = o.promised_p90_on::text
WHERE o.tenant_id = %(tenant_id)s AND o.promised_p50_on IS NOT NULL AND e.event_id IS NULL

-- name: i16_days_of_locations_have_their_event
SELECT h.location_id, h.p50_days, h.p90_days
FROM location_handling h
LEFT JOIN event_log e ON e.tenant_id = h.tenant_id AND e.subject_id = h.location_id
    AND e.kind = 'fulfillment.handling_set' AND e.data ->> 'p90_days' = h.p90_days::text
WHERE h.tenant_id = %(tenant_id)s AND e.event_id IS NULL

-- name: i07_parcels_hold_what_was_scanned_into_them
SELECT x.parcel_id, x.line_id, sum(x.scanned) AS expected, sum(x.held) AS found
FROM (
    SELECT p.parcel_id, p.line_id, p.quantity AS scanned, 0 AS held
    FROM packing_scan p
    WHERE p.tenant_id = %(tenant_id)s AND p.parcel_id IS NOT NULL
    UNION ALL
    SELECT c.parcel_id, c.line_id, 0, c.quantity
    FROM parcel_line c
    WHERE c.tenant_id = %(tenant_id)s AND EXISTS (
        SELECT 1 FROM packing_scan p WHERE p.tenant_id = %(tenant_id)s AND p.parcel_id = c.parcel_id
    )
) AS x
GROUP BY x.parcel_id, x.line_id
HAVING sum(x.scanned) <> sum(x.held)

-- name: i16_every_print_has_its_event
SELECT p.print_id, p.parcel_id
FROM parcel_print p
JOIN parcel b ON b.tenant_id = p.tenant_id AND b.parcel_id = p.parcel_id
JOIN fulfillment f ON f.tenant_id = b.tenant_id AND f.fulfillment_id = b.fulfillment_id
LEFT JOIN event_log e ON e.tenant_id = f.tenant_id AND e.subject_id = f.order_id
    AND e.kind = 'fulfillment.parcel_printed' AND e.data ->> 'parcel_id' = p.parcel_id::text
    AND e.data ->> 'document' = p.document AND e.occurred_at = p.printed_at
WHERE p.tenant_id = %(tenant_id)s AND e.event_id IS NULL

-- name: i16_every_kind_of_box_has_its_event
SELECT b.code
FROM packing_box b
LEFT JOIN event_log e ON e.tenant_id = b.tenant_id AND e.subject_id = b.tenant_id AND e.kind = 'fulfillment.box_saved'
    AND e.data ->> 'code' = b.code
WHERE b.tenant_id = %(tenant_id)s AND e.event_id IS NULL

-- name: i18_scans_and_prints_are_of_the_parcels_of_their_fulfillment
SELECT 'packing_scan' AS what, s.scan_id AS id
FROM packing_scan s
LEFT JOIN fulfillment_line l ON l.tenant_id = s.tenant_id AND l.fulfillment_id = s.fulfillment_id
    AND l.line_id = s.line_id
LEFT JOIN parcel p ON p.tenant_id = s.tenant_id AND p.parcel_id = s.parcel_id AND p.fulfillment_id = s.fulfillment_id
WHERE s.tenant_id = %(tenant_id)s AND (l.line_id IS NULL OR (s.parcel_id IS NOT NULL AND p.parcel_id IS NULL))
UNION ALL
SELECT 'parcel_print', i.print_id
FROM parcel_print i
LEFT JOIN parcel p ON p.tenant_id = i.tenant_id AND p.parcel_id = i.parcel_id
WHERE i.tenant_id = %(tenant_id)s AND p.parcel_id IS NULL
