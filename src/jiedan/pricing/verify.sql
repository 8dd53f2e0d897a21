-- What must hold of price rules. Each statement only reads, and returns the rows of one merchant that break it; the number
-- in its name is that of the invariant. Parameters: tenant_id, and now where time matters.

-- name: i16_every_change_of_the_price_rules_has_its_event
-- Rates and fees that stand without a version were never told either.
SELECT sum(c.versions) AS found, sum(c.told) AS expected
FROM (
    SELECT r.version AS versions, 0 AS told, 0 AS standing
    FROM price_rule_set r
    WHERE r.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT 0, 1, 0
    FROM event_log e
    WHERE e.tenant_id = %(tenant_id)s AND e.kind = 'pricing.rules_changed'
    UNION ALL
    SELECT 0, 0, 1
    FROM tax_rate x
    WHERE x.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT 0, 0, 1
    FROM shipping_fee f
    WHERE f.tenant_id = %(tenant_id)s
) AS c
HAVING sum(c.versions) <> sum(c.told) OR (sum(c.standing) > 0 AND sum(c.versions) = 0)
