-- Browsers that staff want notices pushed to.

-- name: take_from_others
-- Whoever signs in at a browser last has it; what waits to be pushed to the other there goes, too.
DELETE FROM push_subscription
WHERE tenant_id = %(tenant_id)s AND endpoint_hash = %(endpoint_hash)s AND staff_id <> %(staff_id)s
RETURNING staff_id, subscription_id

-- name: keep_device
-- The same browser stays the same device, to which pushes may be on their way.
INSERT INTO push_subscription (
    tenant_id, subscription_id, staff_id, endpoint_hash, sealed, browser, created_at, session_id
)
VALUES (
    %(tenant_id)s, %(subscription_id)s, %(staff_id)s, %(endpoint_hash)s, %(sealed)s, %(browser)s, %(at)s,
    %(session_id)s::uuid
)
ON CONFLICT (tenant_id, endpoint_hash) DO UPDATE
SET sealed = excluded.sealed, browser = excluded.browser, created_at = excluded.created_at,
    session_id = excluded.session_id
WHERE push_subscription.tenant_id = %(tenant_id)s AND push_subscription.subscription_id = excluded.subscription_id
RETURNING subscription_id

-- name: remove_devices
DELETE FROM push_subscription
WHERE tenant_id = %(tenant_id)s AND staff_id = %(staff_id)s AND subscription_id = ANY (%(subscription_ids)s::uuid[])
RETURNING subscription_id

-- name: follow_sessions
UPDATE push_subscription d SET session_id = u.follower_id
FROM unnest(%(session_ids)s::uuid[], %(follower_ids)s::uuid[]) AS u (session_id, follower_id)
WHERE d.tenant_id = %(tenant_id)s AND d.session_id = u.session_id

-- name: remove_devices_of_sessions
DELETE FROM push_subscription
WHERE tenant_id = %(tenant_id)s AND session_id = ANY(%(session_ids)s::uuid[])
RETURNING staff_id, subscription_id
