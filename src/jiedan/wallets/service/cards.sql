-- name: set_blocked
UPDATE gift_card SET blocked_at = %(blocked_at)s, version = version + 1
WHERE tenant_id = %(tenant_id)s AND wallet_id = %(wallet_id)s
