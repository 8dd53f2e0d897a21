-- What must hold of mails and notices. Each statement only reads, and returns the rows of one merchant that break it;
-- the number in its name is that of the invariant. Parameters: tenant_id, and now where time matters.

-- name: i14_a_mail_is_sent_once_per_event
SELECT m.event_id, m.kind, m.recipient_id, count(*) AS found, 1 AS expected
FROM mail_message m
WHERE m.tenant_id = %(tenant_id)s
GROUP BY m.event_id, m.kind, m.recipient_id
HAVING count(*) > 1

-- name: i16_what_became_of_a_mail_was_told
-- Sent is told once and never of one that was not; given up, or of unknown outcome, at least once.
SELECT m.message_id, m.state, count(e.event_id) AS told
FROM mail_message m
LEFT JOIN event_log e ON e.tenant_id = m.tenant_id AND e.subject_id = m.recipient_id
    AND e.kind IN (
        'notifications.order_mail_sent', 'notifications.order_mail_failed', 'notifications.customer_mail_sent',
        'notifications.customer_mail_failed', 'notifications.staff_mail_sent', 'notifications.staff_mail_failed',
        'notifications.link_mail_sent', 'notifications.link_mail_failed', 'notifications.former_mail_sent',
        'notifications.former_mail_failed'
    ) AND (e.data ->> 'message_id')::uuid = m.message_id
WHERE m.tenant_id = %(tenant_id)s
GROUP BY m.message_id, m.state
HAVING count(e.event_id) FILTER (
        WHERE e.kind IN (
            'notifications.order_mail_sent', 'notifications.customer_mail_sent', 'notifications.staff_mail_sent',
            'notifications.link_mail_sent', 'notifications.former_mail_sent'
        )
    ) <> CASE WHEN m.state = 'sent' THEN 1 ELSE 0 END
    OR (m.state IN ('failed', 'unknown') AND count(e.event_id) FILTER (
        WHERE e.kind IN (
            'notifications.order_mail_failed', 'notifications.customer_mail_failed', 'notifications.staff_mail_failed',
            'notifications.link_mail_failed', 'notifications.former_mail_failed'
        )
    ) = 0)

-- name: i16_every_edit_of_what_is_chosen_of_mails_has_its_event
SELECT x.tenant_id, x.version - 1 AS found, x.edits AS expected
FROM (
    SELECT s.tenant_id, s.version, (
        SELECT count(*) FROM event_log e
        WHERE e.tenant_id = %(tenant_id)s AND e.subject_id = s.tenant_id
            AND e.kind = 'notifications.mail_settings_changed'
    ) AS edits
    FROM mail_settings s
    WHERE s.tenant_id = %(tenant_id)s
) AS x
WHERE x.version - 1 <> x.edits

-- name: i20_no_push_waits_for_days
-- What could not be pushed for a day is dropped by whoever pushes next.
SELECT m.push_id, m.created_at
FROM push_message m
WHERE m.tenant_id = %(tenant_id)s AND m.created_at < %(now)s::timestamptz - interval '2 days'

-- name: i18_mails_and_notices_belong_to_things_of_the_same_merchant
SELECT 'mail_message of an event' AS what, m.message_id AS id, m.event_id AS of
FROM mail_message m
LEFT JOIN event_log e ON e.tenant_id = m.tenant_id AND e.event_id = m.event_id
WHERE m.tenant_id = %(tenant_id)s AND e.event_id IS NULL
UNION ALL
SELECT 'mail_message to an order', m.message_id, m.recipient_id
FROM mail_message m
LEFT JOIN orders o ON o.tenant_id = m.tenant_id AND o.order_id = m.recipient_id
WHERE m.tenant_id = %(tenant_id)s AND m.recipient_kind = 'order' AND o.order_id IS NULL
UNION ALL
SELECT 'mail_message to a customer', m.message_id, m.recipient_id
FROM mail_message m
LEFT JOIN customer c ON c.tenant_id = m.tenant_id AND c.customer_id = m.recipient_id
WHERE m.tenant_id = %(tenant_id)s AND m.recipient_kind = 'customer' AND c.customer_id IS NULL
UNION ALL
SELECT 'mail_message to staff', m.message_id, m.recipient_id
FROM mail_message m
LEFT JOIN staff p ON p.tenant_id = m.tenant_id AND p.staff_id = m.recipient_id
WHERE m.tenant_id = %(tenant_id)s AND m.recipient_kind = 'staff' AND p.staff_id IS NULL
UNION ALL
SELECT 'mail_message to a former address', m.message_id, m.recipient_id
FROM mail_message m
LEFT JOIN event_log e ON e.tenant_id = m.tenant_id AND e.event_id = m.recipient_id
    AND e.kind IN ('accounts.staff_changed', 'customers.account_email_changed')
WHERE m.tenant_id = %(tenant_id)s AND m.recipient_kind = 'former' AND e.event_id IS NULL
UNION ALL
SELECT 'mailbox_mail', k.message_id, k.message_id
FROM mailbox_mail k
LEFT JOIN mail_message m ON m.tenant_id = k.tenant_id AND m.message_id = k.message_id
WHERE k.tenant_id = %(tenant_id)s AND m.message_id IS NULL
UNION ALL
SELECT 'notice', n.notice_id, n.event_id
FROM notice n
LEFT JOIN event_log e ON e.tenant_id = n.tenant_id AND e.event_id = n.event_id
WHERE n.tenant_id = %(tenant_id)s AND e.event_id IS NULL
UNION ALL
SELECT 'notice_read', r.notice_id, r.staff_id
FROM notice_read r
LEFT JOIN notice n ON n.tenant_id = r.tenant_id AND n.notice_id = r.notice_id
LEFT JOIN staff p ON p.tenant_id = r.tenant_id AND p.staff_id = r.staff_id
WHERE r.tenant_id = %(tenant_id)s AND (n.notice_id IS NULL OR p.staff_id IS NULL)
UNION ALL
SELECT 'notice_mail', w.staff_id, w.staff_id
FROM notice_mail w
LEFT JOIN staff p ON p.tenant_id = w.tenant_id AND p.staff_id = w.staff_id
WHERE w.tenant_id = %(tenant_id)s AND p.staff_id IS NULL
