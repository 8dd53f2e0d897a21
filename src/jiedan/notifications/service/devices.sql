-- Browsers that staff want notices pushed to.

-- name: take_from_others
-- Whoever signs in at a browser last has it; what waits to be pushed to the other there goes, too.
DELETE FROM push_subscription
WHERE tenant_id = %(tenant_id)s AND endpoint_hash = %(endpoint_hash)s AND staff_id <> %(staff_id)s
RETURNING staff_id, subscription_id

-- name: keep_device
-- The same browser stays the same device, to which pushes may be on their way.
INSERT INTO push_subscription (
    tenant_id, subscription_id, staff_id, endpoint_hash, sealed, browser, created_at
)
VALUES (
    %(tenant_id)s, %(subscription_id)s, %(staff_id)s, %(endpoint_hash)s, %(sealed)s, %(browser)s, %(at)s
)
ON CONFLICT (tenant_id, endpoint_hash) DO UPDATE
SET sealed = excluded.sealed, browser = excluded.browser, created_at = excluded.created_at
WHERE push_subscription.tenant_id = %(tenant_id)s AND push_subscription.subscription_id = excluded.subscription_id
RETURNING subscription_id

-- name: remove_devices
DELETE FROM push_subscription
WHERE tenant_id = %(tenant_id)s AND staff_id = %(staff_id)s AND subscription_id = ANY (%(subscription_ids)s::uuid[])
RETURNING subscription_id
