-- Search by term ranges; `sku_term` is read by its keys alone, so row-level security costs nothing.

-- name: count_terms
SELECT u.place, (
    SELECT count(*) FROM (
        SELECT 1 FROM sku_term t
        WHERE t.tenant_id = %(tenant_id)s AND t.term >= u.term AND t.term < u.term_end
        LIMIT %(count_max)s
    ) AS counted
)
FROM unnest(%(terms)s::text[], %(term_ends)s::text[]) WITH ORDINALITY AS u (term, term_end, place)
ORDER BY u.place

-- name: matching_skus
SELECT DISTINCT c.sku_id, c.product_id
FROM (
    SELECT t.sku_id, t.product_id
    FROM sku_term t
    WHERE t.tenant_id = %(tenant_id)s AND t.term >= %(rarest)s AND t.term < %(rarest_end)s
    ORDER BY t.term, t.sku_id
    LIMIT %(matches_max)s
) AS c
WHERE (
    SELECT count(*)
    FROM unnest(%(terms)s::text[], %(term_ends)s::text[]) AS u (term, term_end)
    WHERE EXISTS (
        SELECT 1 FROM sku_term o
        WHERE o.tenant_id = %(tenant_id)s AND o.sku_id = c.sku_id AND o.term >= u.term AND o.term < u.term_end
    )
) = cardinality(%(terms)s::text[])
