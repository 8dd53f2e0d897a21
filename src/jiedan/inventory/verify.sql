-- What must hold of stock. Each statement only reads, and returns the rows of one merchant that break it; the number
-- in its name is that of the invariant. Parameters: tenant_id, and now where time matters.

-- name: i01_on_hand_is_the_sum_of_its_movements
-- Two sums side by side, not a join: movements without counters are found as well as counters without movements.
SELECT c.sku_id, c.location_id, sum(c.cached) AS found, sum(c.moved) AS expected
FROM (
    SELECT s.sku_id, s.location_id, s.on_hand AS cached, 0 AS moved
    FROM stock s
    WHERE s.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT m.sku_id, m.location_id, 0, m.quantity
    FROM stock_movement m
    WHERE m.tenant_id = %(tenant_id)s
) AS c
GROUP BY c.sku_id, c.location_id
HAVING sum(c.cached) <> sum(c.moved)

-- name: i05_low_is_what_the_counters_say
SELECT s.sku_id, s.location_id, s.low_since, s.low_threshold, s.on_hand - s.reserved - s.safety_stock AS available
FROM stock s
WHERE s.tenant_id = %(tenant_id)s
    AND (s.low_since IS NOT NULL) <> coalesce(s.on_hand - s.reserved - s.safety_stock <= s.low_threshold, false)

-- name: i11_movements_follow_one_another
-- Each movement starts at the level where another one ended, the first at 0, and the last ends at what is on hand: of
-- every level as many movements depart as arrive. This needs no order, which two transactions at once do not have. The
-- levels of a SKU at a location are not told apart but summed by their hashes, of arrivals less of departures, which is
-- 0 when each has both: sums of that many levels would not fit into memory.
SELECT c.sku_id, c.location_id, sum(c.moved) AS found, 0 AS expected
FROM (
    SELECT m.sku_id, m.location_id, hashint8(m.on_hand)::bigint - hashint8(m.on_hand - m.quantity) AS moved
    FROM stock_movement m
    WHERE m.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT s.sku_id, s.location_id, hashint8(0)::bigint - hashint8(s.on_hand)
    FROM stock s
    WHERE s.tenant_id = %(tenant_id)s
) AS c
GROUP BY c.sku_id, c.location_id
HAVING sum(c.moved) <> 0

-- name: i11_incoming_is_what_is_in_transit
SELECT c.sku_id, c.location_id, sum(c.cached) AS found, sum(c.in_transit) AS expected
FROM (
    SELECT s.sku_id, s.location_id, s.incoming AS cached, 0 AS in_transit
    FROM stock s
    WHERE s.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT l.sku_id, t.to_location_id, 0, l.shipped - l.received - l.missing
    FROM transfer t
    JOIN transfer_line l ON l.tenant_id = t.tenant_id AND l.transfer_id = t.transfer_id
    WHERE t.tenant_id = %(tenant_id)s
) AS c
GROUP BY c.sku_id, c.location_id
HAVING sum(c.cached) <> sum(c.in_transit)

-- name: i11_transfers_are_in_the_ledger
-- What left a location for a transfer, or arrived there, and the movements that say so, whether the transfer is known
-- or not.
SELECT c.transfer_id, c.sku_id, c.location_id, sum(c.moved) AS found, sum(c.due) AS expected
FROM (
    SELECT l.transfer_id, l.sku_id, t.from_location_id AS location_id, 0 AS moved, -l.shipped AS due
    FROM transfer t
    JOIN transfer_line l ON l.tenant_id = t.tenant_id AND l.transfer_id = t.transfer_id
    WHERE t.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT l.transfer_id, l.sku_id, t.to_location_id, 0, l.received
    FROM transfer t
    JOIN transfer_line l ON l.tenant_id = t.tenant_id AND l.transfer_id = t.transfer_id
    WHERE t.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT m.subject_id, m.sku_id, m.location_id, m.quantity, 0
    FROM stock_movement m
    WHERE m.tenant_id = %(tenant_id)s AND m.kind IN ('transfer_out', 'transfer_in')
) AS c
GROUP BY c.transfer_id, c.sku_id, c.location_id
HAVING sum(c.moved) <> sum(c.due)

-- name: i11_counts_are_in_the_ledger
-- An applied count has moved each SKU by the difference of its last round; no other count, and none that is not known,
-- has moved anything.
SELECT c.count_id, c.sku_id, c.location_id, sum(c.moved) AS found, sum(c.due) AS expected
FROM (
    SELECT x.count_id, r.sku_id, x.location_id, 0 AS moved, r.difference AS due
    FROM stock_count x
    JOIN (
        SELECT y.count_id, y.sku_id, (array_agg(y.counted - y.on_hand ORDER BY y.round DESC))[1] AS difference
        FROM stock_count_tally y
        WHERE y.tenant_id = %(tenant_id)s
        GROUP BY y.count_id, y.sku_id
    ) AS r ON r.count_id = x.count_id
    WHERE x.tenant_id = %(tenant_id)s AND x.is_applied
    UNION ALL
    SELECT m.subject_id, m.sku_id, m.location_id, m.quantity, 0
    FROM stock_movement m
    WHERE m.tenant_id = %(tenant_id)s AND m.kind = 'count'
) AS c
GROUP BY c.count_id, c.sku_id, c.location_id
HAVING sum(c.moved) <> sum(c.due)

-- name: i12_reserved_is_on_hand
SELECT s.sku_id, s.location_id, s.reserved AS found, s.on_hand AS expected
FROM stock s
WHERE s.tenant_id = %(tenant_id)s AND (s.reserved < 0 OR s.reserved > s.on_hand)

-- name: i12_reserved_is_the_sum_of_its_reservations
SELECT c.sku_id, c.location_id, sum(c.cached) AS found, sum(c.held) AS expected
FROM (
    SELECT s.sku_id, s.location_id, s.reserved AS cached, 0 AS held
    FROM stock s
    WHERE s.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT r.sku_id, r.location_id, 0, r.quantity
    FROM reservation r
    WHERE r.tenant_id = %(tenant_id)s
) AS c
GROUP BY c.sku_id, c.location_id
HAVING sum(c.cached) <> sum(c.held)

-- name: i12_transfers_hold_no_more_than_is_left_to_send
SELECT r.owner_id AS transfer_id, r.sku_id, r.quantity AS found, coalesce(l.quantity - l.shipped, 0) AS expected
FROM reservation r
LEFT JOIN transfer t ON t.tenant_id = r.tenant_id AND t.transfer_id = r.owner_id AND t.closed_at IS NULL
    AND t.from_location_id = r.location_id
LEFT JOIN transfer_line l ON l.tenant_id = t.tenant_id AND l.transfer_id = t.transfer_id AND l.sku_id = r.sku_id
WHERE r.tenant_id = %(tenant_id)s AND r.owner_kind = 'transfer' AND r.quantity > coalesce(l.quantity - l.shipped, 0)

-- name: i14_an_operation_key_has_one_effect
SELECT m.operation_key, count(*) AS found, 1 AS expected
FROM stock_movement m
WHERE m.tenant_id = %(tenant_id)s
GROUP BY m.operation_key
HAVING count(*) > 1

-- name: i16_every_movement_has_its_event
-- Told once each; what was shipped is told by the event of whoever held it.
SELECT m.movement_id, m.kind, count(e.event_id) AS found, 1 AS expected
FROM stock_movement m
LEFT JOIN event_log e ON e.tenant_id = m.tenant_id AND (e.data ->> 'movement_id')::uuid = m.movement_id
    AND e.kind = CASE m.kind
        WHEN 'transfer_out' THEN 'inventory.transfer_shipped'
        WHEN 'transfer_in' THEN 'inventory.transfer_received'
        WHEN 'adjustment' THEN 'inventory.stock_adjusted'
        WHEN 'count' THEN 'inventory.stock_adjusted'
        ELSE 'inventory.stock_received'
    END
    AND e.kind IN (
        'inventory.transfer_shipped', 'inventory.transfer_received', 'inventory.stock_adjusted',
        'inventory.stock_received'
    )
WHERE m.tenant_id = %(tenant_id)s AND m.kind <> 'shipment'
GROUP BY m.movement_id, m.kind
HAVING count(e.event_id) <> 1

-- name: i16_every_edit_of_a_location_has_its_event
-- Its first version is told by its creation.
SELECT x.location_id, x.version AS found, x.events AS expected
FROM (
    SELECT l.location_id, l.version, (
        SELECT count(*) FROM event_log e
        WHERE e.tenant_id = %(tenant_id)s AND e.subject_id = l.location_id
            AND e.kind IN ('inventory.location_created', 'inventory.location_changed')
    ) AS events
    FROM location l
    WHERE l.tenant_id = %(tenant_id)s
) AS x
WHERE x.version <> x.events

-- name: i16_every_edit_of_thresholds_has_its_event
SELECT s.sku_id, s.location_id, s.version - 1 AS found, coalesce(e.edits, 0) AS expected
FROM stock s
LEFT JOIN (
    SELECT x.subject_id AS sku_id, (x.data ->> 'location_id')::uuid AS location_id, count(*) AS edits
    FROM event_log x
    WHERE x.tenant_id = %(tenant_id)s AND x.kind = 'inventory.thresholds_set'
    GROUP BY x.subject_id, x.data ->> 'location_id'
) AS e ON e.sku_id = s.sku_id AND e.location_id = s.location_id
WHERE s.tenant_id = %(tenant_id)s AND s.version - 1 <> coalesce(e.edits, 0)

-- name: i16_every_transfer_has_its_events
SELECT t.transfer_id, t.closed_at, count(e.event_id) AS found
FROM transfer t
LEFT JOIN event_log e ON e.tenant_id = t.tenant_id AND e.subject_id = t.transfer_id
    AND e.kind IN ('inventory.transfer_opened', 'inventory.transfer_ended')
WHERE t.tenant_id = %(tenant_id)s
GROUP BY t.transfer_id, t.closed_at
HAVING count(e.event_id) <> CASE WHEN t.closed_at IS NULL THEN 1 ELSE 2 END

-- name: i16_every_count_has_its_events
-- Opened, each round, ended.
SELECT c.count_id, sum(c.done) AS expected, sum(c.told) AS found
FROM (
    SELECT x.count_id, CASE WHEN x.closed_at IS NULL THEN 1 ELSE 2 END AS done, 0 AS told
    FROM stock_count x
    WHERE x.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT t.count_id, 1, 0
    FROM stock_count_tally t
    WHERE t.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT e.subject_id, 0, 1
    FROM event_log e
    WHERE e.tenant_id = %(tenant_id)s
        AND e.kind IN ('inventory.count_opened', 'inventory.count_tallied', 'inventory.count_ended')
) AS c
GROUP BY c.count_id
HAVING sum(c.done) <> sum(c.told)

-- name: i18_stock_belongs_to_things_of_the_same_merchant
SELECT 'stock' AS what, s.sku_id AS id, s.location_id AS of
FROM stock s
LEFT JOIN sku k ON k.tenant_id = s.tenant_id AND k.sku_id = s.sku_id
LEFT JOIN location l ON l.tenant_id = s.tenant_id AND l.location_id = s.location_id
WHERE s.tenant_id = %(tenant_id)s AND (k.sku_id IS NULL OR l.location_id IS NULL)
UNION ALL
SELECT 'stock_movement', m.movement_id, m.sku_id
FROM stock_movement m
LEFT JOIN stock s ON s.tenant_id = m.tenant_id AND s.sku_id = m.sku_id AND s.location_id = m.location_id
WHERE m.tenant_id = %(tenant_id)s AND s.sku_id IS NULL
UNION ALL
SELECT 'reservation', r.owner_id, r.sku_id
FROM reservation r
LEFT JOIN stock s ON s.tenant_id = r.tenant_id AND s.sku_id = r.sku_id AND s.location_id = r.location_id
WHERE r.tenant_id = %(tenant_id)s AND s.sku_id IS NULL

-- name: i18_transfers_and_counts_belong_to_things_of_the_same_merchant
SELECT 'transfer' AS what, t.transfer_id AS id
FROM transfer t
LEFT JOIN location f ON f.tenant_id = t.tenant_id AND f.location_id = t.from_location_id
LEFT JOIN location g ON g.tenant_id = t.tenant_id AND g.location_id = t.to_location_id
WHERE t.tenant_id = %(tenant_id)s AND (f.location_id IS NULL OR g.location_id IS NULL)
UNION ALL
SELECT 'transfer_line', x.transfer_id
FROM transfer_line x
LEFT JOIN transfer t ON t.tenant_id = x.tenant_id AND t.transfer_id = x.transfer_id
LEFT JOIN sku k ON k.tenant_id = x.tenant_id AND k.sku_id = x.sku_id
WHERE x.tenant_id = %(tenant_id)s AND (t.transfer_id IS NULL OR k.sku_id IS NULL)
UNION ALL
SELECT 'stock_count', c.count_id
FROM stock_count c
LEFT JOIN location l ON l.tenant_id = c.tenant_id AND l.location_id = c.location_id
WHERE c.tenant_id = %(tenant_id)s AND l.location_id IS NULL
UNION ALL
SELECT 'stock_count_line', x.count_id
FROM stock_count_line x
LEFT JOIN stock_count c ON c.tenant_id = x.tenant_id AND c.count_id = x.count_id
LEFT JOIN sku k ON k.tenant_id = x.tenant_id AND k.sku_id = x.sku_id
WHERE x.tenant_id = %(tenant_id)s AND (c.count_id IS NULL OR k.sku_id IS NULL)
UNION ALL
SELECT 'stock_count_tally', y.count_id
FROM stock_count_tally y
LEFT JOIN stock_count_line x ON x.tenant_id = y.tenant_id AND x.count_id = y.count_id AND x.sku_id = y.sku_id
WHERE y.tenant_id = %(tenant_id)s AND x.count_id IS NULL

-- name: i20_no_cart_holds_stock_beyond_its_time
-- The sweep runs every minute; ten are grace for a worker that was away.
SELECT r.owner_id AS cart_id, r.sku_id, r.location_id, r.expires_at
FROM reservation r
WHERE r.tenant_id = %(tenant_id)s AND r.expires_at < %(now)s::timestamptz - interval '10 minutes'
