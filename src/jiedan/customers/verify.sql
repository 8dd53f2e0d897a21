-- What must hold of customers. Each statement only reads, and returns the rows of one merchant that break it; the number
-- in its name is that of the invariant. Parameters: tenant_id, and now where time matters.

-- name: i05_who_was_merged_has_one_standing_merge
SELECT c.customer_id, c.merged_into AS found, m.survivor_id AS expected
FROM customer c
LEFT JOIN customer_merge m ON m.tenant_id = c.tenant_id AND m.merged_id = c.customer_id AND m.undone_at IS NULL
WHERE c.tenant_id = %(tenant_id)s AND (c.merged_into IS NULL) <> (m.merge_id IS NULL)

-- name: i05_who_is_resolved_to_was_not_merged
SELECT c.customer_id, c.merged_into
FROM customer c
JOIN customer s ON s.tenant_id = c.tenant_id AND s.customer_id = c.merged_into
WHERE c.tenant_id = %(tenant_id)s AND s.merged_into IS NOT NULL

-- name: i16_every_edit_of_a_customer_has_its_event
SELECT c.customer_id, c.version - 1 AS found, count(e.event_id) AS expected
FROM customer c
LEFT JOIN event_log e ON e.tenant_id = c.tenant_id AND e.subject_id = c.customer_id
    AND e.kind = 'customers.customer_changed'
WHERE c.tenant_id = %(tenant_id)s
GROUP BY c.customer_id, c.version
HAVING c.version - 1 <> count(e.event_id)
