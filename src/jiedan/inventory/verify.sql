-- What must hold of stock. Each statement only reads, and returns the rows of one merchant that break it; the number
-- in its name is that of the invariant. Parameters: tenant_id, and now where time matters.

-- name: i01_on_hand_is_the_sum_of_its_movements
SELECT s.sku_id, s.location_id, s.on_hand AS found, coalesce(m.total, 0) AS expected
FROM stock s
LEFT JOIN (
    SELECT x.sku_id, x.location_id, sum(x.quantity) AS total
    FROM stock_movement x
    WHERE x.tenant_id = %(tenant_id)s
    GROUP BY x.sku_id, x.location_id
) AS m ON m.sku_id = s.sku_id AND m.location_id = s.location_id
WHERE s.tenant_id = %(tenant_id)s AND s.on_hand <> coalesce(m.total, 0)

-- name: i11_movements_follow_one_another
-- Each movement starts at the level where another one ended, the first at 0, and the last ends at what is on hand: of
-- every level as many movements depart as arrive. This needs no order, which two transactions at once do not have.
SELECT c.sku_id, c.location_id, c.level AS found, sum(c.arrivals) AS expected
FROM (
    SELECT m.sku_id, m.location_id, m.on_hand AS level, 1 AS arrivals
    FROM stock_movement m
    WHERE m.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT m.sku_id, m.location_id, m.on_hand - m.quantity, -1
    FROM stock_movement m
    WHERE m.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT s.sku_id, s.location_id, 0, 1
    FROM stock s
    WHERE s.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT s.sku_id, s.location_id, s.on_hand, -1
    FROM stock s
    WHERE s.tenant_id = %(tenant_id)s
) AS c
GROUP BY c.sku_id, c.location_id, c.level
HAVING sum(c.arrivals) <> 0

-- name: i11_incoming_is_what_is_in_transit
SELECT s.sku_id, s.location_id, s.incoming AS found, coalesce(x.in_transit, 0) AS expected
FROM stock s
LEFT JOIN (
    SELECT l.sku_id, t.to_location_id AS location_id, sum(l.shipped - l.received - l.missing) AS in_transit
    FROM transfer t
    JOIN transfer_line l ON l.tenant_id = t.tenant_id AND l.transfer_id = t.transfer_id
    WHERE t.tenant_id = %(tenant_id)s
    GROUP BY l.sku_id, t.to_location_id
) AS x ON x.sku_id = s.sku_id AND x.location_id = s.location_id
WHERE s.tenant_id = %(tenant_id)s AND s.incoming <> coalesce(x.in_transit, 0)

-- name: i11_transfers_are_in_the_ledger
SELECT l.transfer_id, l.sku_id, l.shipped, l.received, coalesce(m.departed, 0) AS departed, coalesce(m.arrived, 0) AS arrived
FROM transfer_line l
LEFT JOIN (
    SELECT
        x.subject_id, x.sku_id,
        -sum(x.quantity) FILTER (WHERE x.kind = 'transfer_out') AS departed,
        sum(x.quantity) FILTER (WHERE x.kind = 'transfer_in') AS arrived
    FROM stock_movement x
    WHERE x.tenant_id = %(tenant_id)s AND x.kind IN ('transfer_out', 'transfer_in')
    GROUP BY x.subject_id, x.sku_id
) AS m ON m.subject_id = l.transfer_id AND m.sku_id = l.sku_id
WHERE l.tenant_id = %(tenant_id)s
    AND (l.shipped <> coalesce(m.departed, 0) OR l.received <> coalesce(m.arrived, 0))

-- name: i11_counts_are_in_the_ledger
-- An applied count has moved each SKU by the difference of its last round, any other count has moved nothing.
SELECT c.count_id, l.sku_id, coalesce(m.quantity, 0) AS found, coalesce(r.difference, 0) AS expected
FROM stock_count c
JOIN stock_count_line l ON l.tenant_id = c.tenant_id AND l.count_id = c.count_id
LEFT JOIN (
    SELECT x.count_id, x.sku_id, (array_agg(x.counted - x.on_hand ORDER BY x.round DESC))[1] AS difference
    FROM stock_count_tally x
    WHERE x.tenant_id = %(tenant_id)s
    GROUP BY x.count_id, x.sku_id
) AS r ON r.count_id = l.count_id AND r.sku_id = l.sku_id AND c.is_applied
LEFT JOIN (
    SELECT y.subject_id, y.sku_id, sum(y.quantity) AS quantity
    FROM stock_movement y
    WHERE y.tenant_id = %(tenant_id)s AND y.kind = 'count'
    GROUP BY y.subject_id, y.sku_id
) AS m ON m.subject_id = l.count_id AND m.sku_id = l.sku_id
WHERE c.tenant_id = %(tenant_id)s AND coalesce(m.quantity, 0) <> coalesce(r.difference, 0)

-- name: i05_low_is_what_the_counters_say
SELECT s.sku_id, s.location_id, s.low_since, s.low_threshold, s.on_hand - s.reserved - s.safety_stock AS available
FROM stock s
WHERE s.tenant_id = %(tenant_id)s
    AND (s.low_since IS NOT NULL) <> coalesce(s.on_hand - s.reserved - s.safety_stock <= s.low_threshold, false)

-- name: i12_reserved_is_on_hand
SELECT s.sku_id, s.location_id, s.reserved AS found, s.on_hand AS expected
FROM stock s
WHERE s.tenant_id = %(tenant_id)s AND (s.reserved < 0 OR s.reserved > s.on_hand)

-- name: i12_reserved_is_the_sum_of_its_reservations
SELECT s.sku_id, s.location_id, s.reserved AS found, coalesce(r.total, 0) AS expected
FROM stock s
LEFT JOIN (
    SELECT x.sku_id, x.location_id, sum(x.quantity) AS total
    FROM reservation x
    WHERE x.tenant_id = %(tenant_id)s
    GROUP BY x.sku_id, x.location_id
) AS r ON r.sku_id = s.sku_id AND r.location_id = s.location_id
WHERE s.tenant_id = %(tenant_id)s AND s.reserved <> coalesce(r.total, 0)

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

-- name: i18_stock_belongs_to_things_of_the_same_merchant
SELECT s.sku_id, s.location_id
FROM stock s
LEFT JOIN sku k ON k.tenant_id = s.tenant_id AND k.sku_id = s.sku_id
LEFT JOIN location l ON l.tenant_id = s.tenant_id AND l.location_id = s.location_id
WHERE s.tenant_id = %(tenant_id)s AND (k.sku_id IS NULL OR l.location_id IS NULL)

-- name: i20_no_cart_holds_stock_beyond_its_time
-- The sweep runs every minute; ten are grace for a worker that was away.
SELECT r.owner_id AS cart_id, r.sku_id, r.location_id, r.expires_at
FROM reservation r
WHERE r.tenant_id = %(tenant_id)s AND r.expires_at < %(now)s::timestamptz - interval '10 minutes'
