-- What must hold of figures. Each statement only reads, and returns the rows of one merchant that break it; the number
-- in its name is that of the invariant. Parameters: tenant_id, and now where time matters.

-- name: i12_figures_are_what_the_facts_say
-- Of the hours that are counted and not due again; what happened and was not handed out yet may make any hour due.
SELECT f.hour, f.figure, f.currency, f.channel, f.amount AS found, e.amount AS expected
FROM (
    SELECT g.hour, g.figure, g.currency, g.channel, g.amount
    FROM figure_hour g
    WHERE g.tenant_id = %(tenant_id)s AND g.figure IN ('placed', 'sales', 'shipped')
) AS f
FULL JOIN (
    SELECT x.hour, x.figure, x.currency, x.channel, x.amount
    FROM (
        SELECT date_bin('1 hour', o.placed_at, TIMESTAMPTZ '2000-01-01 00:00:00+00') AS hour, 'placed' AS figure,
            o.currency, o.channel, count(*) AS amount
        FROM orders o
        WHERE o.tenant_id = %(tenant_id)s
        GROUP BY 1, o.currency, o.channel
        UNION ALL
        SELECT date_bin('1 hour', o.placed_at, TIMESTAMPTZ '2000-01-01 00:00:00+00'), 'sales', o.currency,
            o.channel, sum(o.total_minor)::bigint
        FROM orders o
        WHERE o.tenant_id = %(tenant_id)s AND o.total_minor > 0
        GROUP BY 1, o.currency, o.channel
        UNION ALL
        SELECT date_bin('1 hour', p.shipped_at, TIMESTAMPTZ '2000-01-01 00:00:00+00'), 'shipped', '', '', count(*)
        FROM parcel p
        WHERE p.tenant_id = %(tenant_id)s AND p.shipped_at IS NOT NULL
        GROUP BY 1
    ) AS x
    JOIN figure_counted c ON c.tenant_id = %(tenant_id)s AND x.hour >= c.counted_from AND x.hour < c.counted_to
) AS e ON e.hour = f.hour AND e.figure = f.figure AND e.currency = f.currency AND e.channel = f.channel
WHERE f.amount IS DISTINCT FROM e.amount
    AND NOT EXISTS (
        SELECT 1 FROM figure_due d WHERE d.tenant_id = %(tenant_id)s AND (d.hour = f.hour OR d.hour = e.hour)
    )
    AND NOT EXISTS (SELECT 1 FROM outbox b WHERE b.tenant_id = %(tenant_id)s)
