-- What must hold of numbers and keys of orders. Each statement only reads, and returns the rows of one merchant that
-- break it; the number in its name is that of the invariant. Parameters: tenant_id, and now where time matters.

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
