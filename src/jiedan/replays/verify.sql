-- What must hold of replays. Each statement only reads, and returns the rows of one merchant that break it; the number
-- in its name is that of the invariant. Parameters: tenant_id, and now where time matters.

-- name: i14_every_order_of_a_replay_is_counted_once
-- Those done are those that came to something; those written down are those counted, and what they differ by is the
-- difference of all.
SELECT r.replay_id, r.done, c.orders, l.listed, l.written
FROM price_replay r
LEFT JOIN (
    SELECT s.replay_id, sum(s.orders) AS orders
    FROM price_replay_sum s
    WHERE s.tenant_id = %(tenant_id)s
        AND s.figure IN ('same', 'changed', 'refused', 'unlike', 'by_hand', 'canceled', 'imported')
    GROUP BY s.replay_id
) AS c ON c.replay_id = r.replay_id
LEFT JOIN (
    SELECT k.replay_id, sum(k.orders) AS listed, sum(k.written) AS written,
        bool_or(k.orders <> k.written OR k.difference_minor <> k.differ_minor) AS is_wrong
    FROM (
        SELECT x.replay_id, x.figure, x.currency, sum(x.orders) AS orders, sum(x.written) AS written,
            sum(x.difference_minor) AS difference_minor, sum(x.differ_minor) AS differ_minor
        FROM (
            SELECT s.replay_id, s.figure, s.currency, s.orders, 0 AS written, s.difference_minor, 0 AS differ_minor
            FROM price_replay_sum s
            WHERE s.tenant_id = %(tenant_id)s AND s.figure IN ('changed', 'refused', 'unlike', 'by_hand')
            UNION ALL
            SELECT o.replay_id, o.outcome, o.currency, 0, 1, 0, o.difference_minor
            FROM price_replay_order o
            WHERE o.tenant_id = %(tenant_id)s
        ) AS x
        GROUP BY x.replay_id, x.figure, x.currency
    ) AS k
    GROUP BY k.replay_id
) AS l ON l.replay_id = r.replay_id
WHERE r.tenant_id = %(tenant_id)s AND (r.done <> coalesce(c.orders, 0) OR coalesce(l.is_wrong, false))

-- name: i16_every_replay_has_its_events
SELECT r.replay_id, r.status, x.kind AS expected
FROM price_replay r
CROSS JOIN LATERAL (
    VALUES ('replays.replay_queued', true), ('replays.replay_completed', r.status = 'completed'),
        ('replays.replay_canceled', r.status = 'canceled')
) AS x (kind, is_due)
LEFT JOIN event_log e ON e.tenant_id = r.tenant_id AND e.subject_id = r.replay_id AND e.kind = x.kind
WHERE r.tenant_id = %(tenant_id)s AND x.is_due AND e.event_id IS NULL
