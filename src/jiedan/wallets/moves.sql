-- The writes that every door of wallets shares. Callers hold the locks of the wallets concerned.

-- name: open_wallets
-- A customer has one wallet of a kind and unit; who opens it at the same moment finds it there.
INSERT INTO wallet (tenant_id, wallet_id, kind, customer_id, unit, balance, opened_at)
SELECT t.tenant_id, u.wallet_id, u.kind, u.customer_id, u.unit, 0, %(now)s
FROM tenant t CROSS JOIN unnest(
    %(wallet_ids)s::uuid[], %(kinds)s::text[], %(customer_ids)s::uuid[], %(units)s::text[]
) AS u (wallet_id, kind, customer_id, unit)
WHERE t.tenant_id = %(tenant_id)s
ORDER BY u.customer_id, u.kind, u.unit
ON CONFLICT (tenant_id, customer_id, kind, unit) WHERE kind <> 'gift_card' DO NOTHING

-- name: insert_wallets_of_cards
INSERT INTO wallet (tenant_id, wallet_id, kind, customer_id, unit, balance, opened_at)
SELECT t.tenant_id, u.wallet_id, 'gift_card', u.customer_id, u.unit, 0, %(now)s
FROM tenant t CROSS JOIN unnest(%(wallet_ids)s::uuid[], %(customer_ids)s::uuid[], %(units)s::text[])
    AS u (wallet_id, customer_id, unit)
WHERE t.tenant_id = %(tenant_id)s

-- name: insert_cards
INSERT INTO gift_card (tenant_id, wallet_id, code_hash, last_four, issued, expires_at, note, version)
SELECT t.tenant_id, u.wallet_id, u.code_hash, u.last_four, u.issued, u.expires_at, u.note, 1
FROM tenant t CROSS JOIN unnest(
    %(wallet_ids)s::uuid[], %(code_hashes)s::bytea[], %(last_fours)s::text[], %(issued)s::bigint[],
    %(expires_at)s::timestamptz[], %(notes)s::text[]
) AS u (wallet_id, code_hash, last_four, issued, expires_at, note)
WHERE t.tenant_id = %(tenant_id)s

-- name: change_balances
-- The guard keeps a balance from falling below nothing, whatever the caller has decided.
UPDATE wallet w SET balance = w.balance + u.amount
FROM unnest(%(wallet_ids)s::uuid[], %(amounts)s::bigint[]) AS u (wallet_id, amount)
WHERE w.tenant_id = %(tenant_id)s AND w.wallet_id = u.wallet_id AND w.balance + u.amount >= 0
RETURNING w.wallet_id

-- name: insert_movements
INSERT INTO wallet_movement (
    tenant_id, movement_id, wallet_id, kind, reason, note, subject_id, reverses, lives_until, worth_minor,
    worth_currency, step_points, step_minor, operation_key, part, actor_kind, actor_id, recorded_at
)
SELECT
    t.tenant_id, u.movement_id, u.wallet_id, u.kind, u.reason, u.note, u.subject_id, u.reverses, u.lives_until,
    u.worth_minor, u.worth_currency, u.step_points, u.step_minor, u.operation_key, u.part, %(actor_kind)s, %(actor_id)s, %(now)s
FROM tenant t CROSS JOIN unnest(
    %(movement_ids)s::uuid[], %(wallet_ids)s::uuid[], %(kinds)s::text[], %(reasons)s::text[], %(notes)s::text[],
    %(subject_ids)s::uuid[], %(reverses)s::uuid[], %(lives_until)s::timestamptz[], %(worths_minor)s::bigint[],
    %(worth_currencies)s::text[], %(steps_points)s::bigint[], %(steps_minor)s::bigint[], %(operation_keys)s::text[],
    %(parts)s::bigint[]
) AS u (
    movement_id, wallet_id, kind, reason, note, subject_id, reverses, lives_until, worth_minor, worth_currency,
    step_points, step_minor, operation_key, part
)
WHERE t.tenant_id = %(tenant_id)s
ON CONFLICT (tenant_id, operation_key, part) DO NOTHING
RETURNING movement_id

-- name: insert_entries
-- Of movements that are there: one whose key another transaction has used just now is not, and undoes this one.
INSERT INTO wallet_entry (tenant_id, movement_id, side, wallet_id, account, unit, amount, balance)
SELECT t.tenant_id, m.movement_id, u.side, u.wallet_id, u.account, u.unit, u.amount, u.balance
FROM tenant t CROSS JOIN unnest(
    %(movement_ids)s::uuid[], %(sides)s::text[], %(wallet_ids)s::uuid[], %(accounts)s::text[], %(units)s::text[],
    %(amounts)s::bigint[], %(balances)s::bigint[]
) AS u (movement_id, side, wallet_id, account, unit, amount, balance)
JOIN wallet_movement m ON m.tenant_id = t.tenant_id AND m.movement_id = u.movement_id
WHERE t.tenant_id = %(tenant_id)s

-- name: insert_lots
INSERT INTO wallet_lot (tenant_id, wallet_id, lot_id, amount, remaining, expires_at)
SELECT t.tenant_id, u.wallet_id, u.lot_id, u.amount, u.remaining, u.expires_at
FROM tenant t CROSS JOIN unnest(
    %(wallet_ids)s::uuid[], %(lot_ids)s::uuid[], %(amounts)s::bigint[], %(remaining)s::bigint[],
    %(expires_at)s::timestamptz[]
) AS u (wallet_id, lot_id, amount, remaining, expires_at)
WHERE t.tenant_id = %(tenant_id)s

-- name: take_from_lots
UPDATE wallet_lot l SET remaining = l.remaining - u.amount
FROM unnest(%(wallet_ids)s::uuid[], %(lot_ids)s::uuid[], %(amounts)s::bigint[]) AS u (wallet_id, lot_id, amount)
WHERE l.tenant_id = %(tenant_id)s AND l.wallet_id = u.wallet_id AND l.lot_id = u.lot_id AND l.remaining >= u.amount
RETURNING l.lot_id
