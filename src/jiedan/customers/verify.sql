-- What must hold of customers. Each statement only reads, and returns the rows of one merchant that break it; the number
-- in its name is that of the invariant. Parameters: tenant_id, and now where time matters.

-- name: i05_who_was_merged_has_one_standing_merge
-- The survivor may have been merged itself since, so who is resolved to need not be the survivor of then.
SELECT c.customer_id, c.merged_into AS found, count(m.merge_id) AS standing
FROM customer c
LEFT JOIN customer_merge m ON m.tenant_id = c.tenant_id AND m.merged_id = c.customer_id AND m.undone_at IS NULL
WHERE c.tenant_id = %(tenant_id)s
GROUP BY c.customer_id, c.merged_into
HAVING count(m.merge_id) <> CASE WHEN c.merged_into IS NULL THEN 0 ELSE 1 END

-- name: i05_who_is_resolved_to_was_not_merged
SELECT c.customer_id, c.merged_into
FROM customer c
JOIN customer s ON s.tenant_id = c.tenant_id AND s.customer_id = c.merged_into
WHERE c.tenant_id = %(tenant_id)s AND s.merged_into IS NOT NULL

-- name: i05_one_address_of_a_customer_is_the_default
SELECT a.customer_id, count(*) AS found, 1 AS expected
FROM customer_address a
WHERE a.tenant_id = %(tenant_id)s AND a.is_default
GROUP BY a.customer_id
HAVING count(*) > 1

-- name: i05_who_is_in_a_group_is_there
-- Who was merged is in none: the survivor is. Nor is anybody who was erased.
SELECT m.group_id, m.customer_id, c.merged_into, c.erased_at
FROM customer_group_member m
JOIN customer c ON c.tenant_id = m.tenant_id AND c.customer_id = m.customer_id
WHERE m.tenant_id = %(tenant_id)s AND (c.merged_into IS NOT NULL OR c.erased_at IS NOT NULL)

-- name: i05_nobody_is_signed_in_by_a_disabled_account
-- Nor by one that is not there; and no link leads into either.
SELECT x.what, x.id
FROM (
    SELECT 'customer_session' AS what, s.session_id AS id, s.customer_id
    FROM customer_session s WHERE s.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT 'customer_link with a secret', l.link_id, l.customer_id
    FROM customer_link l
    WHERE l.tenant_id = %(tenant_id)s AND l.customer_id IS NOT NULL AND l.secret_hash IS NOT NULL
) AS x
LEFT JOIN customer_account a ON a.tenant_id = %(tenant_id)s AND a.customer_id = x.customer_id AND a.is_active
WHERE a.customer_id IS NULL

-- name: i05_scans_of_certificates_are_the_bytes_that_came_in
-- Nobody looks at one for years: its bytes are hashed again.
SELECT f.customer_id, f.exemption_id
FROM customer_tax_certificate f
WHERE f.tenant_id = %(tenant_id)s AND sha256(f.document) <> f.digest

-- name: i16_every_account_has_its_event
SELECT a.customer_id, count(e.event_id) AS found, 1 AS expected
FROM customer_account a
LEFT JOIN event_log e ON e.tenant_id = a.tenant_id AND e.subject_id = a.customer_id
    AND e.kind = 'customers.account_opened'
WHERE a.tenant_id = %(tenant_id)s
GROUP BY a.customer_id
HAVING count(e.event_id) <> 1

-- name: i16_every_edit_of_a_customer_has_its_event
SELECT c.customer_id, c.version - 1 AS found, count(e.event_id) AS expected
FROM customer c
LEFT JOIN event_log e ON e.tenant_id = c.tenant_id AND e.subject_id = c.customer_id
    AND e.kind = 'customers.customer_changed'
WHERE c.tenant_id = %(tenant_id)s
GROUP BY c.customer_id, c.version
HAVING c.version - 1 <> count(e.event_id)

-- name: i16_every_consent_has_its_event
SELECT c.customer_id, c.purpose, sum(c.given) AS expected, sum(c.told) AS found
FROM (
    SELECT x.customer_id, x.purpose, 1 AS given, 0 AS told
    FROM customer_consent x
    WHERE x.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT e.subject_id, e.data ->> 'purpose', 0, 1
    FROM event_log e
    WHERE e.tenant_id = %(tenant_id)s AND e.kind = 'customers.consent_recorded'
) AS c
GROUP BY c.customer_id, c.purpose
HAVING sum(c.given) <> sum(c.told)

-- name: i16_every_merge_has_its_events
-- Merged, and undone where it was. A merge that can no longer be undone may be forgotten; its event stays.
SELECT c.merged_id, c.kind, sum(c.done) AS expected, sum(c.told) AS found
FROM (
    SELECT m.merged_id, 'customers.customers_merged' AS kind, 1 AS done, 0 AS told
    FROM customer_merge m
    WHERE m.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT m.merged_id, 'customers.merge_undone', 1, 0
    FROM customer_merge m
    WHERE m.tenant_id = %(tenant_id)s AND m.undone_at IS NOT NULL
    UNION ALL
    SELECT (e.data ->> 'merged_id')::uuid, e.kind, 0, 1
    FROM event_log e
    WHERE e.tenant_id = %(tenant_id)s AND e.kind IN ('customers.customers_merged', 'customers.merge_undone')
) AS c
GROUP BY c.merged_id, c.kind
HAVING sum(c.done) > sum(c.told)

-- name: i16_every_group_has_its_events
-- Created, and each time it was called otherwise.
SELECT g.group_id, g.version AS expected, count(e.event_id) AS found
FROM customer_group g
LEFT JOIN event_log e ON e.tenant_id = g.tenant_id AND e.subject_id = g.group_id
    AND e.kind IN ('customers.group_created', 'customers.group_changed')
WHERE g.tenant_id = %(tenant_id)s
GROUP BY g.group_id, g.version
HAVING g.version <> count(e.event_id)

-- name: i16_every_membership_has_its_events
-- Who is in a group joined it once more than left it, who is not as often. Of who is being erased, memberships go unsaid.
SELECT x.group_id, x.customer_id, sum(x.is_in) AS found, sum(x.told) AS expected
FROM (
    SELECT m.group_id, m.customer_id, 1 AS is_in, 0 AS told
    FROM customer_group_member m
    WHERE m.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT (e.data ->> 'group_id')::uuid, e.subject_id, 0,
        CASE e.kind WHEN 'customers.group_joined' THEN 1 ELSE -1 END
    FROM event_log e
    WHERE e.tenant_id = %(tenant_id)s AND e.kind IN ('customers.group_joined', 'customers.group_left')
) AS x
JOIN customer c ON c.tenant_id = %(tenant_id)s AND c.customer_id = x.customer_id AND c.erasing_since IS NULL
GROUP BY x.group_id, x.customer_id
HAVING sum(x.is_in) <> sum(x.told)

-- name: i18_what_belongs_to_a_customer_has_one
SELECT x.what, x.customer_id
FROM (
    SELECT 'customer' AS what, m.merged_into AS customer_id
    FROM customer m WHERE m.tenant_id = %(tenant_id)s AND m.merged_into IS NOT NULL
    UNION ALL
    SELECT 'customer_contact', k.customer_id FROM customer_contact k WHERE k.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT 'customer_address', a.customer_id FROM customer_address a WHERE a.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT 'customer_note', n.customer_id FROM customer_note n WHERE n.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT 'customer_tag', t.customer_id FROM customer_tag t WHERE t.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT 'customer_group_member', g.customer_id FROM customer_group_member g WHERE g.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT 'customer_consent', s.customer_id FROM customer_consent s WHERE s.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT 'customer_tax_exemption', e.customer_id FROM customer_tax_exemption e WHERE e.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT 'customer_account', k.customer_id FROM customer_account k WHERE k.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT 'customer_term', r.customer_id FROM customer_term r WHERE r.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT 'customer_merge', g.survivor_id FROM customer_merge g WHERE g.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT 'customer_merge', g.merged_id FROM customer_merge g WHERE g.tenant_id = %(tenant_id)s
) AS x
LEFT JOIN customer c ON c.tenant_id = %(tenant_id)s AND c.customer_id = x.customer_id
WHERE c.customer_id IS NULL

-- name: i18_certificates_belong_to_tax_exemptions
SELECT f.customer_id, f.exemption_id
FROM customer_tax_certificate f
LEFT JOIN customer_tax_exemption e ON e.tenant_id = f.tenant_id AND e.customer_id = f.customer_id
    AND e.exemption_id = f.exemption_id
WHERE f.tenant_id = %(tenant_id)s AND e.exemption_id IS NULL

-- name: i18_who_is_in_a_group_has_the_group
SELECT m.group_id, m.customer_id
FROM customer_group_member m
LEFT JOIN customer_group g ON g.tenant_id = m.tenant_id AND g.group_id = m.group_id
WHERE m.tenant_id = %(tenant_id)s AND g.group_id IS NULL
