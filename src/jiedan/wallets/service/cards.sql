-- name: set_blocked
UPDATE gift_card SET blocked_at = %(blocked_at)s, version = version + 1
WHERE tenant_id = %(tenant_id)s AND wallet_id = %(wallet_id)s

-- name: rekey_cards
UPDATE gift_card g SET code_hash = u.code_hash
FROM unnest(%(wallet_ids)s::uuid[], %(stored)s::bytea[], %(code_hashes)s::bytea[]) AS u (wallet_id, stored, code_hash)
WHERE g.tenant_id = %(tenant_id)s AND g.wallet_id = u.wallet_id AND g.code_hash = u.stored
