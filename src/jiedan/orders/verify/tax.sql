-- What must hold of the tax of orders. Each statement only reads, and returns the rows of one merchant that break it;
-- the number in its name is that of the invariant. Parameters: tenant_id, and now where time matters.

-- name: i06_order_tax_is_the_sum_of_its_lines
SELECT o.order_id, o.number, o.tax_minor AS found,
    sum(l.tax_minor - div(l.tax_minor::numeric * l.canceled, l.ordered)) AS expected
FROM orders o
JOIN order_line l ON l.tenant_id = o.tenant_id AND l.order_id = o.order_id
WHERE o.tenant_id = %(tenant_id)s
GROUP BY o.order_id, o.number, o.tax_minor
HAVING o.tax_minor <> sum(l.tax_minor - div(l.tax_minor::numeric * l.canceled, l.ordered))

-- name: i06_line_tax_is_the_sum_of_its_taxes
-- What each tax makes of a line is together its tax, and of no more than the line costs without it. What another system
-- taxed has one part, and of lines that are older than what is kept only the sum is known.
SELECT l.order_id, l.line, found.tax_minor AS found, l.tax_minor AS expected, found.base_minor
FROM order_line l
CROSS JOIN LATERAL (
    SELECT coalesce(sum((p.part ->> 2)::bigint), 0) AS tax_minor, coalesce(max((p.part ->> 3)::bigint), 0) AS base_minor
    FROM jsonb_array_elements(l.taxes) AS p (part)
) AS found
WHERE l.tenant_id = %(tenant_id)s AND l.taxes IS NOT NULL AND (
    found.tax_minor <> l.tax_minor
    OR (found.base_minor > l.total_minor - l.tax_minor AND l.price_source <> 'as_sold')
)

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
