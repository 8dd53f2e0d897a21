-- Notices on their way to the browsers of staff. What was pushed, or will never be, is gone.

-- name: devices_that_watch
SELECT d.subscription_id, d.staff_id, r.code, r.permissions
FROM push_subscription d
JOIN staff p ON p.tenant_id = d.tenant_id AND p.staff_id = d.staff_id
JOIN role r ON r.tenant_id = p.tenant_id AND r.role_id = p.role_id
WHERE d.tenant_id = %(tenant_id)s AND p.is_active
ORDER BY d.subscription_id
LIMIT %(limit)s

-- name: queue_pushes
INSERT INTO push_message (tenant_id, push_id, subscription_id, notice_id, attempts, available_at, created_at)
SELECT t.tenant_id, u.push_id, u.subscription_id, u.notice_id, 0, %(at)s, %(at)s
FROM tenant t CROSS JOIN unnest(
    %(push_ids)s::uuid[], %(subscription_ids)s::uuid[], %(notice_ids)s::uuid[]
) AS u (push_id, subscription_id, notice_id)
WHERE t.tenant_id = %(tenant_id)s
ON CONFLICT (tenant_id, subscription_id, notice_id) DO NOTHING

-- name: drop_stale_pushes
DELETE FROM push_message
WHERE tenant_id = %(tenant_id)s AND push_id IN (
    SELECT m.push_id FROM push_message m
    WHERE m.tenant_id = %(tenant_id)s AND m.created_at <= %(before)s
    ORDER BY m.push_id
    LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
)

-- name: claim_push
-- If the claimant dies it is due again: the browser shows a notice once, however often it is pushed.
UPDATE push_message SET attempts = attempts + 1, available_at = %(until)s
WHERE tenant_id = %(tenant_id)s AND push_id IN (
    SELECT m.push_id FROM push_message m
    WHERE m.tenant_id = %(tenant_id)s AND m.available_at <= %(at)s
    ORDER BY m.available_at, m.push_id
    LIMIT 1
    FOR NO KEY UPDATE SKIP LOCKED
)
RETURNING push_id, subscription_id, notice_id, attempts

-- name: push_to
SELECT d.sealed, d.staff_id, p.locale, r.code, r.permissions, n.kind, n.audience, n.subject_id, n.data
FROM push_message m
JOIN push_subscription d ON d.tenant_id = m.tenant_id AND d.subscription_id = m.subscription_id
JOIN staff p ON p.tenant_id = d.tenant_id AND p.staff_id = d.staff_id
JOIN role r ON r.tenant_id = p.tenant_id AND r.role_id = p.role_id
JOIN notice n ON n.tenant_id = m.tenant_id AND n.notice_id = m.notice_id
LEFT JOIN notice_read x ON x.tenant_id = n.tenant_id AND x.notice_id = n.notice_id AND x.staff_id = p.staff_id
WHERE m.tenant_id = %(tenant_id)s AND m.push_id = %(push_id)s AND p.is_active AND x.notice_id IS NULL

-- name: put_off_push
UPDATE push_message SET available_at = %(available_at)s
WHERE tenant_id = %(tenant_id)s AND push_id = %(push_id)s AND available_at = %(until)s

-- name: settle_push
DELETE FROM push_message
WHERE tenant_id = %(tenant_id)s AND push_id = %(push_id)s AND available_at = %(until)s
