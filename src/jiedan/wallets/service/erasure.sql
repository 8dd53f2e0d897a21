-- name: erase_notes_of_movements
-- Amounts stay: the books must balance. What staff wrote beside them goes.
UPDATE wallet_movement m SET note = ''
FROM wallet w
WHERE m.tenant_id = %(tenant_id)s AND w.tenant_id = %(tenant_id)s AND w.wallet_id = m.wallet_id
    AND w.customer_id = ANY(%(customer_ids)s::uuid[]) AND m.note <> ''

-- name: erase_notes_of_cards
UPDATE gift_card g SET note = ''
FROM wallet w
WHERE g.tenant_id = %(tenant_id)s AND w.tenant_id = %(tenant_id)s AND w.wallet_id = g.wallet_id
    AND w.customer_id = ANY(%(customer_ids)s::uuid[]) AND g.note <> ''

-- name: wallet_ids_of
SELECT w.wallet_id FROM wallet w
WHERE w.tenant_id = %(tenant_id)s AND w.customer_id = ANY(%(customer_ids)s::uuid[])
ORDER BY w.wallet_id
