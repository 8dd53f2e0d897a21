-- Browsers that staff want notices pushed to.

-- name: keep_device
-- Whoever signs in at a browser last has it.
INSERT INTO push_subscription (
    tenant_id, subscription_id, staff_id, endpoint_hash, sealed, browser, created_at
)
VALUES (
    %(tenant_id)s, %(subscription_id)s, %(staff_id)s, %(endpoint_hash)s, %(sealed)s, %(browser)s, %(at)s
)
ON CONFLICT (tenant_id, endpoint_hash) DO UPDATE
SET subscription_id = excluded.subscription_id, staff_id = excluded.staff_id, sealed = excluded.sealed,
    browser = excluded.browser, created_at = excluded.created_at

-- name: remove_devices
DELETE FROM push_subscription
WHERE tenant_id = %(tenant_id)s AND staff_id = %(staff_id)s AND subscription_id = ANY (%(subscription_ids)s::uuid[])
RETURNING subscription_id
