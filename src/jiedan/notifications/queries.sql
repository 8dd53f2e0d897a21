-- Reads of mails and notices.

-- name: settings
SELECT s.from_address, s.reply_to, s.silenced, s.version FROM mail_settings s WHERE s.tenant_id = %(tenant_id)s

-- name: contacts_of_orders
SELECT o.order_id, o.contact_name, coalesce(nullif(o.contact_email, ''), c.email, ''), c.locale, o.locale
FROM orders o
LEFT JOIN customer c ON c.tenant_id = o.tenant_id AND c.customer_id = o.customer_id
WHERE o.tenant_id = %(tenant_id)s AND o.order_id = ANY(%(order_ids)s::uuid[])

-- name: contacts_of_customers
SELECT c.customer_id, c.name, c.email, c.locale, NULL
FROM customer c
WHERE c.tenant_id = %(tenant_id)s AND c.customer_id = ANY(%(customer_ids)s::uuid[])

-- name: contacts_of_staff
SELECT p.staff_id, p.name, p.email, p.locale, NULL
FROM staff p
WHERE p.tenant_id = %(tenant_id)s AND p.staff_id = ANY(%(staff_ids)s::uuid[]) AND p.is_active

-- name: contacts_of_links
SELECT l.link_id, '', l.email, l.locale, NULL
FROM customer_link l
WHERE l.tenant_id = %(tenant_id)s AND l.link_id = ANY(%(link_ids)s::uuid[])

-- name: contacts_of_changes
-- What changed is told of customers as the address alone, of staff by field.
SELECT p.event_id, coalesce(c.name, s.name, ''), coalesce(p.data #>> '{before,email}', p.data ->> 'before', ''),
    c.locale, s.locale
FROM event_private p
JOIN event_log l ON l.tenant_id = p.tenant_id AND l.event_id = p.event_id
LEFT JOIN customer c ON c.tenant_id = l.tenant_id AND c.customer_id = l.subject_id
LEFT JOIN staff s ON s.tenant_id = l.tenant_id AND s.staff_id = l.subject_id
WHERE p.tenant_id = %(tenant_id)s AND p.event_id = ANY(%(event_ids)s::uuid[])

-- name: new_addresses
SELECT p.event_id, coalesce(p.data #>> '{after,email}', p.data ->> 'after', '')
FROM event_private p
WHERE p.tenant_id = %(tenant_id)s AND p.event_id = ANY(%(event_ids)s::uuid[])

-- name: events
SELECT
    l.event_id, l.occurred_at, l.recorded_at, l.actor_kind, l.actor_id,
    l.kind, l.subject_kind, l.subject_id, l.request_id, l.data, l.history
FROM event_log l
WHERE l.tenant_id = %(tenant_id)s AND l.event_id = ANY(%(event_ids)s::uuid[])

-- name: messages_about
SELECT
    m.message_id, m.event_id, m.kind, m.recipient_kind, m.recipient_id, m.state, m.attempts, m.failure, m.created_at,
    m.settled_at
FROM mail_message m
WHERE m.tenant_id = %(tenant_id)s AND m.recipient_id = ANY(%(recipient_ids)s::uuid[])
ORDER BY m.message_id DESC
LIMIT %(limit)s

-- name: messages_for_update
SELECT
    m.message_id, m.event_id, m.kind, m.recipient_kind, m.recipient_id, m.state, m.attempts, m.failure, m.created_at,
    m.settled_at
FROM mail_message m
WHERE m.tenant_id = %(tenant_id)s AND m.message_id = ANY(%(message_ids)s::uuid[])
ORDER BY m.message_id
FOR NO KEY UPDATE

-- name: kept
SELECT k.message_id, m.kind, m.recipient_kind, m.recipient_id, k.sealed, k.kept_at
FROM mailbox_mail k
JOIN mail_message m ON m.tenant_id = k.tenant_id AND m.message_id = k.message_id
WHERE k.tenant_id = %(tenant_id)s AND k.message_id = ANY(%(message_ids)s::uuid[])

-- name: unread
SELECT count(*)
FROM unnest(%(audiences)s::text[]) AS u (audience)
CROSS JOIN LATERAL (
    SELECT n.notice_id FROM notice n
    WHERE n.tenant_id = %(tenant_id)s AND n.audience = u.audience
    ORDER BY n.notice_id DESC
    LIMIT %(known_max)s
) AS n
LEFT JOIN notice_read r
    ON r.tenant_id = %(tenant_id)s AND r.staff_id = %(staff_id)s AND r.notice_id = n.notice_id
WHERE r.notice_id IS NULL

-- name: notices
SELECT n.notice_id, n.kind, n.subject_id, n.data, n.created_at, r.notice_id IS NOT NULL
FROM unnest(%(audiences)s::text[]) AS u (audience)
CROSS JOIN LATERAL (
    SELECT x.notice_id, x.kind, x.subject_id, x.data, x.created_at FROM notice x
    WHERE x.tenant_id = %(tenant_id)s AND x.audience = u.audience
    ORDER BY x.notice_id DESC
    LIMIT %(known_max)s
) AS n
LEFT JOIN notice_read r
    ON r.tenant_id = %(tenant_id)s AND r.staff_id = %(staff_id)s AND r.notice_id = n.notice_id
ORDER BY n.notice_id DESC
LIMIT %(known_max)s

-- name: wishes_of
SELECT w.kind FROM notice_mail w WHERE w.tenant_id = %(tenant_id)s AND w.staff_id = %(staff_id)s ORDER BY w.kind

-- name: who_wants
SELECT w.kind, w.staff_id, r.code, r.permissions
FROM notice_mail w
JOIN staff p ON p.tenant_id = w.tenant_id AND p.staff_id = w.staff_id
JOIN role r ON r.tenant_id = p.tenant_id AND r.role_id = p.role_id
WHERE w.tenant_id = %(tenant_id)s AND w.kind = ANY(%(kinds)s::text[]) AND p.is_active
ORDER BY w.kind, w.staff_id

-- name: notices_of_events
SELECT n.event_id, n.kind, n.audience, n.subject_id, n.data
FROM notice n
WHERE n.tenant_id = %(tenant_id)s AND n.event_id = ANY(%(event_ids)s::uuid[]) AND n.kind = %(kind)s
ORDER BY n.event_id, n.audience

-- name: names_of_recipients
SELECT o.order_id, o.number FROM orders o
WHERE o.tenant_id = %(tenant_id)s AND o.order_id = ANY(%(recipient_ids)s::uuid[])
UNION ALL
SELECT p.staff_id, p.name FROM staff p
WHERE p.tenant_id = %(tenant_id)s AND p.staff_id = ANY(%(recipient_ids)s::uuid[])
UNION ALL
SELECT c.customer_id, c.name FROM customer c
WHERE c.tenant_id = %(tenant_id)s AND c.customer_id = ANY(%(recipient_ids)s::uuid[])
UNION ALL
SELECT l.event_id, coalesce(c.name, p.name) FROM event_log l
LEFT JOIN customer c ON c.tenant_id = l.tenant_id AND c.customer_id = l.subject_id
LEFT JOIN staff p ON p.tenant_id = l.tenant_id AND p.staff_id = l.subject_id
WHERE l.tenant_id = %(tenant_id)s AND l.event_id = ANY(%(recipient_ids)s::uuid[])
    AND (c.customer_id IS NOT NULL OR p.staff_id IS NOT NULL)

-- name: counts_by_state
SELECT x.state, count(*) FROM unnest(%(states)s::text[]) AS u (state)
CROSS JOIN LATERAL (
    SELECT m.state FROM mail_message m
    WHERE m.tenant_id = %(tenant_id)s AND m.state = u.state
    ORDER BY m.message_id DESC
    LIMIT %(limit)s
) AS x
GROUP BY x.state
