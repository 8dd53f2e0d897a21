-- Reads for the hot path, in the order in which it asks.

-- name: wallets_by_key
SELECT w.customer_id, w.kind, w.unit, w.wallet_id
FROM wallet w
JOIN unnest(%(customer_ids)s::uuid[], %(kinds)s::text[], %(units)s::text[]) AS u (customer_id, kind, unit)
    ON w.customer_id = u.customer_id AND w.kind = u.kind AND w.unit = u.unit
WHERE w.tenant_id = %(tenant_id)s AND w.kind <> 'gift_card'

-- name: wallets_for_update
SELECT w.wallet_id, w.kind, w.customer_id, w.unit, w.balance
FROM wallet w
WHERE w.tenant_id = %(tenant_id)s AND w.wallet_id = ANY(%(wallet_ids)s::uuid[])
ORDER BY w.wallet_id
FOR NO KEY UPDATE

-- name: wallets_to_refund_to_for_update
-- Every wallet that something was paid out of, and others that are named.
SELECT w.wallet_id, w.kind, w.customer_id, w.unit, w.balance
FROM wallet w
WHERE w.tenant_id = %(tenant_id)s AND (
    w.wallet_id = ANY(%(wallet_ids)s::uuid[]) OR w.wallet_id IN (
        SELECT m.wallet_id FROM wallet_movement m
        WHERE m.tenant_id = %(tenant_id)s AND m.subject_id = ANY(%(subject_ids)s::uuid[]) AND m.kind = 'redemption'
    )
)
ORDER BY w.wallet_id
FOR NO KEY UPDATE

-- name: wallets_to_pay_with
-- Gift cards that somebody named, and the store credit and points of who orders, as far as they are asked for.
SELECT w.wallet_id, w.kind, w.customer_id, w.unit, w.balance
FROM wallet w
WHERE w.tenant_id = %(tenant_id)s AND (
    w.wallet_id = ANY(%(card_ids)s::uuid[])
    OR (w.customer_id = ANY(%(customer_ids)s::uuid[]) AND w.kind = ANY(%(kinds)s::text[]))
)
ORDER BY w.wallet_id

-- name: wallets_to_pay_with_for_update
SELECT w.wallet_id, w.kind, w.customer_id, w.unit, w.balance
FROM wallet w
WHERE w.tenant_id = %(tenant_id)s AND (
    w.wallet_id = ANY(%(card_ids)s::uuid[])
    OR (w.customer_id = ANY(%(customer_ids)s::uuid[]) AND w.kind = ANY(%(kinds)s::text[]))
)
ORDER BY w.wallet_id
FOR NO KEY UPDATE

-- name: wallets_due_for_update
-- Wallets in which something has run out, the longest over first; those that somebody works on wait for the next time.
SELECT w.wallet_id, w.kind, w.customer_id, w.unit, w.balance
FROM wallet w
WHERE w.tenant_id = %(tenant_id)s AND w.wallet_id IN (
    SELECT l.wallet_id FROM wallet_lot l
    WHERE l.tenant_id = %(tenant_id)s AND l.remaining > 0 AND l.expires_at <= %(now)s
    ORDER BY l.expires_at
    LIMIT %(limit)s
)
ORDER BY w.wallet_id
FOR NO KEY UPDATE SKIP LOCKED

-- name: facts
-- Read after the lock: what was changed under it meanwhile is seen.
SELECT w.wallet_id, CASE WHEN c.merged_into IS NULL THEN c.customer_id ELSE c.merged_into END, g.last_four,
    g.expires_at, g.blocked_at IS NOT NULL
FROM wallet w
LEFT JOIN customer c ON c.tenant_id = w.tenant_id AND c.customer_id = w.customer_id
LEFT JOIN gift_card g ON g.tenant_id = w.tenant_id AND g.wallet_id = w.wallet_id
WHERE w.tenant_id = %(tenant_id)s AND w.wallet_id = ANY(%(wallet_ids)s::uuid[])

-- name: lots
SELECT l.wallet_id, l.lot_id, l.remaining, l.expires_at
FROM wallet_lot l
WHERE l.tenant_id = %(tenant_id)s AND l.wallet_id = ANY(%(wallet_ids)s::uuid[]) AND l.remaining > 0

-- name: done
SELECT m.operation_key, m.movement_id, m.wallet_id, m.kind, e.amount, m.reason, m.subject_id, m.reverses, m.part,
    e.balance
FROM wallet_movement m
JOIN wallet_entry e ON e.tenant_id = m.tenant_id AND e.movement_id = m.movement_id AND e.side = 'wallet'
WHERE m.tenant_id = %(tenant_id)s AND m.operation_key = ANY(%(operation_keys)s::text[])
ORDER BY m.operation_key, m.part

-- name: takings
-- What subjects were paid with out of wallets, and how much of each went back.
SELECT m.movement_id, m.wallet_id, m.subject_id, e.unit, -e.amount, m.lives_until, (
    SELECT coalesce(sum(b.amount), 0)::bigint
    FROM wallet_movement r
    JOIN wallet_entry b ON b.tenant_id = r.tenant_id AND b.movement_id = r.movement_id AND b.side = 'wallet'
    WHERE r.tenant_id = %(tenant_id)s AND r.reverses = m.movement_id
), m.worth_minor
FROM wallet_movement m
JOIN wallet_entry e ON e.tenant_id = m.tenant_id AND e.movement_id = m.movement_id AND e.side = 'wallet'
WHERE m.tenant_id = %(tenant_id)s AND m.subject_id = ANY(%(subject_ids)s::uuid[]) AND m.kind = 'redemption'

-- name: earned
-- What subjects have earned, one after the other, how much of each was taken back, and how much ran out unspent; and how
-- much was taken back before points were earned without a break.
SELECT m.subject_id, m.movement_id, m.wallet_id, e.amount, m.worth_minor, (
    SELECT coalesce(-sum(b.amount), 0)::bigint
    FROM wallet_movement r
    JOIN wallet_entry b ON b.tenant_id = r.tenant_id AND b.movement_id = r.movement_id AND b.side = 'wallet'
    WHERE r.tenant_id = %(tenant_id)s AND r.reverses = m.movement_id
), (
    SELECT coalesce(-sum(b.amount), 0)::bigint
    FROM wallet_movement r
    JOIN wallet_entry b ON b.tenant_id = r.tenant_id AND b.movement_id = r.movement_id AND b.side = 'wallet'
    WHERE r.tenant_id = %(tenant_id)s AND r.operation_key = 'expiry/' || m.movement_id::text
), m.step_points, m.step_minor, m.recorded_at, (
    SELECT coalesce(-sum(b.amount), 0)::bigint
    FROM wallet_movement r
    JOIN wallet_entry b ON b.tenant_id = r.tenant_id AND b.movement_id = r.movement_id AND b.side = 'wallet'
    JOIN loyalty_rule y ON y.tenant_id = r.tenant_id AND y.currency = m.worth_currency AND r.recorded_at < y.since
    WHERE r.tenant_id = %(tenant_id)s AND r.reverses = m.movement_id
)
FROM wallet_movement m
JOIN wallet_entry e ON e.tenant_id = m.tenant_id AND e.movement_id = m.movement_id AND e.side = 'wallet'
WHERE m.tenant_id = %(tenant_id)s AND m.subject_id = ANY(%(subject_ids)s::uuid[]) AND m.kind = 'earning'
    AND m.worth_minor IS NOT NULL
ORDER BY m.subject_id, m.movement_id

-- name: wallets_of
-- A customer's, and those of everybody who was merged into that customer.
SELECT w.wallet_id, w.kind, w.customer_id, w.unit, w.balance, w.opened_at
FROM wallet w
WHERE w.tenant_id = %(tenant_id)s AND w.kind <> 'gift_card' AND w.customer_id = ANY(%(customer_ids)s::uuid[])
ORDER BY w.kind, w.unit, w.wallet_id

-- name: wallet
SELECT w.wallet_id, w.kind, w.customer_id, w.unit, w.balance, w.opened_at
FROM wallet w
WHERE w.tenant_id = %(tenant_id)s AND w.wallet_id = %(wallet_id)s

-- name: cards
SELECT w.wallet_id, w.kind, w.customer_id, w.unit, w.balance, w.opened_at, (
        SELECT coalesce(sum(l.remaining), 0)::bigint FROM wallet_lot l
        WHERE l.tenant_id = %(tenant_id)s AND l.wallet_id = w.wallet_id AND l.remaining > 0
            AND (l.expires_at IS NULL OR l.expires_at > %(now)s)
    ), g.last_four, g.issued, g.expires_at, g.blocked_at, g.note, g.version
FROM gift_card g
JOIN wallet w ON w.tenant_id = g.tenant_id AND w.wallet_id = g.wallet_id
WHERE g.tenant_id = %(tenant_id)s AND g.wallet_id = ANY(%(wallet_ids)s::uuid[])

-- name: card_ids_by_hash
SELECT g.code_hash, g.wallet_id
FROM gift_card g
WHERE g.tenant_id = %(tenant_id)s AND g.code_hash = ANY(%(code_hashes)s::bytea[])

-- name: card_hashes
SELECT g.wallet_id, g.code_hash
FROM gift_card g
WHERE g.tenant_id = %(tenant_id)s AND g.wallet_id = ANY(%(wallet_ids)s::uuid[])

-- name: card_hashes_after
SELECT g.wallet_id, g.code_hash
FROM gift_card g
WHERE g.tenant_id = %(tenant_id)s AND g.wallet_id > %(after)s
ORDER BY g.wallet_id
LIMIT %(limit)s

-- name: card_ids_of
SELECT w.wallet_id
FROM wallet w
WHERE w.tenant_id = %(tenant_id)s AND w.kind = 'gift_card' AND w.customer_id = ANY(%(customer_ids)s::uuid[])
ORDER BY w.wallet_id DESC
LIMIT %(limit)s

-- name: words_of
SELECT m.movement_id, m.kind, m.reason, m.note, m.subject_id, m.actor_kind, m.actor_id, m.recorded_at
FROM wallet_movement m
WHERE m.tenant_id = %(tenant_id)s AND m.movement_id = ANY(%(movement_ids)s::uuid[])

-- name: loyalty_rules
SELECT r.currency, r.points, r.step_minor, r.lives_days, r.version, r.pays_points, r.pays_minor, r.pays_points_min,
    r.pays_share_percent
FROM loyalty_rule r
WHERE r.tenant_id = %(tenant_id)s
ORDER BY r.currency

-- name: loyal_since
SELECT r.currency, r.since
FROM loyalty_rule r
WHERE r.tenant_id = %(tenant_id)s

-- name: wallets_with_money
SELECT count(*) FROM wallet w
WHERE w.tenant_id = %(tenant_id)s AND w.customer_id = ANY(%(customer_ids)s::uuid[]) AND w.kind <> 'points'
    AND w.balance > 0

-- name: every_entry
SELECT e.movement_id, e.wallet_id, m.kind, m.reason, e.unit, e.amount, e.balance, m.note, m.subject_id, m.actor_kind,
    m.actor_id, m.recorded_at
FROM wallet_entry e
JOIN wallet_movement m ON m.tenant_id = e.tenant_id AND m.movement_id = e.movement_id
WHERE e.tenant_id = %(tenant_id)s AND e.wallet_id = ANY(%(wallet_ids)s::uuid[])
ORDER BY e.movement_id DESC
LIMIT %(limit)s
