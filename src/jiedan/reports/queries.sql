-- What happened within hours, counted from the facts; and what is stored of it.

-- name: counted
SELECT c.counted_from, c.counted_to FROM figure_counted c WHERE c.tenant_id = %(tenant_id)s

-- name: counted_for_update
SELECT c.counted_from, c.counted_to FROM figure_counted c WHERE c.tenant_id = %(tenant_id)s FOR NO KEY UPDATE OF c

-- name: due_hours
SELECT d.hour, d.event_id FROM figure_due d WHERE d.tenant_id = %(tenant_id)s ORDER BY d.hour LIMIT %(hours_max)s

-- name: placed
SELECT h.hour, o.currency, o.channel, count(*), coalesce(sum(o.total_minor), 0)::bigint
FROM unnest(%(hours)s::timestamptz[], %(ends)s::timestamptz[]) AS h (hour, ends_at)
JOIN orders o ON o.tenant_id = %(tenant_id)s AND o.placed_at >= h.hour AND o.placed_at < h.ends_at
GROUP BY h.hour, o.currency, o.channel

-- name: shipped
SELECT h.hour, count(*)
FROM unnest(%(hours)s::timestamptz[], %(ends)s::timestamptz[]) AS h (hour, ends_at)
JOIN parcel p ON p.tenant_id = %(tenant_id)s AND p.shipped_at >= h.hour AND p.shipped_at < h.ends_at
GROUP BY h.hour

-- name: delivered
-- Of parcels whose order has a promise: how many arrived, and how many of them by the last day promised.
SELECT h.hour, count(*),
    count(*) FILTER (WHERE (p.delivered_at AT TIME ZONE %(time_zone)s)::date <= o.promised_p90_on)
FROM unnest(%(hours)s::timestamptz[], %(ends)s::timestamptz[]) AS h (hour, ends_at)
JOIN parcel p ON p.tenant_id = %(tenant_id)s AND p.delivered_at >= h.hour AND p.delivered_at < h.ends_at
JOIN fulfillment f ON f.tenant_id = %(tenant_id)s AND f.fulfillment_id = p.fulfillment_id
JOIN orders o ON o.tenant_id = %(tenant_id)s AND o.order_id = f.order_id AND o.promised_p90_on IS NOT NULL
GROUP BY h.hour

-- name: stored
SELECT g.hour, g.figure, g.currency, sum(g.amount)::bigint
FROM figure_hour g
WHERE g.tenant_id = %(tenant_id)s AND g.hour >= %(begins)s AND g.hour < %(ends)s
GROUP BY g.hour, g.figure, g.currency

-- name: stored_days
-- Some thousand rows of hours come as some hundred of days, each with what it had by this time of day.
SELECT (g.hour AT TIME ZONE %(time_zone)s)::date AS day, g.figure, g.currency, g.channel, sum(g.amount)::bigint,
    coalesce(
        sum(g.amount) FILTER (WHERE (g.hour AT TIME ZONE %(time_zone)s)::time < %(time)s), 0
    )::bigint
FROM figure_hour g
WHERE g.tenant_id = %(tenant_id)s AND g.hour >= %(begins)s AND g.hour < %(ends)s
GROUP BY 1, g.figure, g.currency, g.channel

-- name: moments_of_orders
SELECT o.placed_at FROM orders o WHERE o.tenant_id = %(tenant_id)s AND o.order_id = ANY(%(order_ids)s::uuid[])

-- name: moments_of_parcels
SELECT p.shipped_at, p.delivered_at
FROM parcel p
WHERE p.tenant_id = %(tenant_id)s AND p.parcel_id = ANY(%(parcel_ids)s::uuid[])

-- name: last_position
SELECT coalesce(max(s.position), 0) FROM event_stream s WHERE s.tenant_id = %(tenant_id)s

-- name: people_did
SELECT l.kind, l.actor_id, count(*), max(l.occurred_at)
FROM event_stream s
JOIN event_log l ON l.tenant_id = s.tenant_id AND l.event_id = s.event_id
WHERE s.tenant_id = %(tenant_id)s AND s.position > %(after)s AND l.actor_kind = 'staff' AND l.actor_id <> %(but)s
GROUP BY l.kind, l.actor_id
ORDER BY max(l.occurred_at) DESC, l.kind, l.actor_id
LIMIT %(rows_max)s
