-- What replays came to.

-- name: sums
SELECT s.figure, s.subject, s.currency, s.orders, s.before_minor, s.after_minor
FROM price_replay_sum s
WHERE s.tenant_id = %(tenant_id)s AND s.replay_id = %(replay_id)s AND s.figure = ANY(%(figures)s::text[])
ORDER BY s.figure, s.currency

-- name: most_fallen
SELECT m.subject, m.currency, m.orders, m.before_minor, m.after_minor, m.difference_minor
FROM unnest(%(currencies)s::text[]) AS c (currency)
CROSS JOIN LATERAL (
    SELECT s.subject, s.currency, s.orders, s.before_minor, s.after_minor, s.difference_minor
    FROM price_replay_sum s
    WHERE s.tenant_id = %(tenant_id)s AND s.replay_id = %(replay_id)s AND s.figure = %(figure)s
        AND s.currency = c.currency AND s.difference_minor < 0
    ORDER BY s.difference_minor, s.subject
    LIMIT %(most)s
) AS m

-- name: most_risen
SELECT m.subject, m.currency, m.orders, m.before_minor, m.after_minor, m.difference_minor
FROM unnest(%(currencies)s::text[]) AS c (currency)
CROSS JOIN LATERAL (
    SELECT s.subject, s.currency, s.orders, s.before_minor, s.after_minor, s.difference_minor
    FROM price_replay_sum s
    WHERE s.tenant_id = %(tenant_id)s AND s.replay_id = %(replay_id)s AND s.figure = %(figure)s
        AND s.currency = c.currency AND s.difference_minor > 0
    ORDER BY s.difference_minor DESC, s.subject DESC
    LIMIT %(most)s
) AS m

-- name: orders_fallen
SELECT m.order_id, m.outcome, m.currency, m.before_minor, m.after_minor, m.code, m.detail
FROM unnest(%(currencies)s::text[]) AS c (currency)
CROSS JOIN LATERAL (
    SELECT x.order_id, x.outcome, x.currency, x.before_minor, x.after_minor, x.code, x.detail, x.difference_minor
    FROM price_replay_order x
    WHERE x.tenant_id = %(tenant_id)s AND x.replay_id = %(replay_id)s AND x.outcome = 'changed'
        AND x.currency = c.currency AND x.difference_minor < 0
    ORDER BY x.difference_minor, x.order_id
    LIMIT %(most)s
) AS m

-- name: orders_risen
SELECT m.order_id, m.outcome, m.currency, m.before_minor, m.after_minor, m.code, m.detail
FROM unnest(%(currencies)s::text[]) AS c (currency)
CROSS JOIN LATERAL (
    SELECT x.order_id, x.outcome, x.currency, x.before_minor, x.after_minor, x.code, x.detail, x.difference_minor
    FROM price_replay_order x
    WHERE x.tenant_id = %(tenant_id)s AND x.replay_id = %(replay_id)s AND x.outcome = 'changed'
        AND x.currency = c.currency AND x.difference_minor > 0
    ORDER BY x.difference_minor DESC, x.order_id DESC
    LIMIT %(most)s
) AS m
