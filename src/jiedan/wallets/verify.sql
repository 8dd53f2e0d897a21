-- What must hold of wallets. Each statement only reads, and returns the rows of one merchant that break it; the number
-- in its name is that of the invariant. Parameters: tenant_id, and now where time matters.

-- name: i10_balances_are_the_sums_of_their_entries
-- Two sums side by side, not a join: entries without a wallet are found as well as balances without entries.
SELECT c.wallet_id, sum(c.cached) AS found, sum(c.moved) AS expected
FROM (
    SELECT w.wallet_id, w.balance AS cached, 0 AS moved
    FROM wallet w
    WHERE w.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT e.wallet_id, 0, e.amount
    FROM wallet_entry e
    WHERE e.tenant_id = %(tenant_id)s AND e.side = 'wallet'
) AS c
GROUP BY c.wallet_id
HAVING sum(c.cached) <> sum(c.moved)

-- name: i10_balances_are_what_is_left_of_their_lots
SELECT c.wallet_id, sum(c.cached) AS found, sum(c.there) AS expected
FROM (
    SELECT w.wallet_id, w.balance AS cached, 0 AS there
    FROM wallet w
    WHERE w.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT l.wallet_id, 0, l.remaining
    FROM wallet_lot l
    WHERE l.tenant_id = %(tenant_id)s
) AS c
GROUP BY c.wallet_id
HAVING sum(c.cached) <> sum(c.there)

-- name: i10_no_balance_is_negative
SELECT 'wallet' AS what, w.wallet_id AS id, w.balance AS found
FROM wallet w
WHERE w.tenant_id = %(tenant_id)s AND w.balance < 0
UNION ALL
SELECT 'wallet_entry', e.movement_id, e.balance
FROM wallet_entry e
WHERE e.tenant_id = %(tenant_id)s AND e.balance < 0
UNION ALL
SELECT 'wallet_lot', l.lot_id, l.remaining
FROM wallet_lot l
WHERE l.tenant_id = %(tenant_id)s AND (l.remaining < 0 OR l.remaining > l.amount)

-- name: i10_entries_follow_one_another
-- Each entry starts at the balance where another one ended, the first at 0, and the last ends at the balance: no cent
-- was spent twice. Of every balance as many entries depart as arrive; summed by hashes, as for movements of stock.
SELECT c.wallet_id, sum(c.moved) AS found, 0 AS expected
FROM (
    SELECT e.wallet_id, hashint8(e.balance)::bigint - hashint8(e.balance - e.amount) AS moved
    FROM wallet_entry e
    WHERE e.tenant_id = %(tenant_id)s AND e.side = 'wallet'
    UNION ALL
    SELECT w.wallet_id, hashint8(0)::bigint - hashint8(w.balance)
    FROM wallet w
    WHERE w.tenant_id = %(tenant_id)s
) AS c
GROUP BY c.wallet_id
HAVING sum(c.moved) <> 0

-- name: i10_what_came_in_is_a_lot
-- Each entry that puts something in has its lot of the same amount, and each lot its entry.
SELECT c.wallet_id, c.movement_id, sum(c.lots) AS found, sum(c.entries) AS expected
FROM (
    SELECT l.wallet_id, l.lot_id AS movement_id, l.amount AS lots, 0 AS entries
    FROM wallet_lot l
    WHERE l.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT e.wallet_id, e.movement_id, 0, e.amount
    FROM wallet_entry e
    WHERE e.tenant_id = %(tenant_id)s AND e.side = 'wallet' AND e.amount > 0
) AS c
GROUP BY c.wallet_id, c.movement_id
HAVING sum(c.lots) <> sum(c.entries)

-- name: i10_no_more_is_given_back_than_was_redeemed
-- To the same wallet, and for the same subject.
SELECT r.reverses AS movement_id, sum(b.amount) AS found, max(-e.amount) AS expected
FROM wallet_movement r
JOIN wallet_entry b ON b.tenant_id = r.tenant_id AND b.movement_id = r.movement_id AND b.side = 'wallet'
LEFT JOIN wallet_movement m ON m.tenant_id = r.tenant_id AND m.movement_id = r.reverses AND m.kind = 'redemption'
    AND m.wallet_id = r.wallet_id AND m.subject_id = r.subject_id
LEFT JOIN wallet_entry e ON e.tenant_id = m.tenant_id AND e.movement_id = m.movement_id AND e.side = 'wallet'
WHERE r.tenant_id = %(tenant_id)s AND r.kind = 'give_back'
GROUP BY r.reverses
HAVING coalesce(sum(b.amount) <= max(-e.amount), false) = false

-- name: i10_no_more_points_are_taken_back_than_were_earned
-- From the same wallet, and for the same subject.
SELECT r.reverses AS movement_id, -sum(b.amount) AS found, max(e.amount) AS expected
FROM wallet_movement r
JOIN wallet_entry b ON b.tenant_id = r.tenant_id AND b.movement_id = r.movement_id AND b.side = 'wallet'
LEFT JOIN wallet_movement m ON m.tenant_id = r.tenant_id AND m.movement_id = r.reverses AND m.kind = 'earning'
    AND m.wallet_id = r.wallet_id AND m.subject_id = r.subject_id
LEFT JOIN wallet_entry e ON e.tenant_id = m.tenant_id AND e.movement_id = m.movement_id AND e.side = 'wallet'
WHERE r.tenant_id = %(tenant_id)s AND r.kind = 'take_back'
GROUP BY r.reverses
HAVING coalesce(-sum(b.amount) <= max(e.amount), false) = false

-- name: i14_a_key_moves_a_wallet_once
SELECT m.operation_key, m.part, count(*) AS found, 1 AS expected
FROM wallet_movement m
WHERE m.tenant_id = %(tenant_id)s
GROUP BY m.operation_key, m.part
HAVING count(*) > 1

-- name: i16_every_movement_of_a_wallet_has_its_event
SELECT m.movement_id, m.kind, count(e.event_id) AS found, 1 AS expected
FROM wallet_movement m
LEFT JOIN event_log e ON e.tenant_id = m.tenant_id AND e.subject_id = m.wallet_id AND e.kind = 'wallets.moved'
    AND (e.data ->> 'movement_id')::uuid = m.movement_id
WHERE m.tenant_id = %(tenant_id)s
GROUP BY m.movement_id, m.kind
HAVING count(e.event_id) <> 1

-- name: i16_every_edit_of_a_gift_card_has_its_event
-- Its first version is told by its issue.
SELECT x.wallet_id, x.version AS found, x.events AS expected
FROM (
    SELECT g.wallet_id, g.version, (
        SELECT count(*) FROM event_log e
        WHERE e.tenant_id = %(tenant_id)s AND e.subject_id = g.wallet_id
            AND e.kind IN ('wallets.gift_card_issued', 'wallets.gift_card_changed')
    ) AS events
    FROM gift_card g
    WHERE g.tenant_id = %(tenant_id)s
) AS x
WHERE x.version <> x.events

-- name: i16_every_change_of_a_loyalty_rule_has_its_event
SELECT c.currency, sum(c.versions) AS found, sum(c.told) AS expected
FROM (
    SELECT r.currency, r.version AS versions, 0 AS told
    FROM loyalty_rule r
    WHERE r.tenant_id = %(tenant_id)s
    UNION ALL
    SELECT e.data ->> 'currency', 0, 1
    FROM event_log e
    WHERE e.tenant_id = %(tenant_id)s AND e.kind = 'wallets.loyalty_rule_changed'
) AS c
GROUP BY c.currency
HAVING sum(c.versions) <> sum(c.told)

-- name: i17_the_legs_of_a_movement_sum_to_zero
-- Two legs in one unit, one on the wallet that the movement names and one on an account of the merchant's.
SELECT m.movement_id, coalesce(sum(e.amount), 0) AS found, 0 AS expected
FROM wallet_movement m
LEFT JOIN wallet_entry e ON e.tenant_id = m.tenant_id AND e.movement_id = m.movement_id
    AND (e.side = 'merchant' OR e.wallet_id = m.wallet_id)
WHERE m.tenant_id = %(tenant_id)s
GROUP BY m.movement_id
HAVING count(e.amount) <> 2 OR sum(e.amount) <> 0 OR min(e.unit) <> max(e.unit)

-- name: i18_wallets_belong_to_things_of_the_same_merchant
SELECT 'wallet' AS what, w.wallet_id AS id
FROM wallet w
LEFT JOIN customer c ON c.tenant_id = w.tenant_id AND c.customer_id = w.customer_id
WHERE w.tenant_id = %(tenant_id)s AND w.customer_id IS NOT NULL AND c.customer_id IS NULL
UNION ALL
SELECT 'gift_card', g.wallet_id
FROM gift_card g
LEFT JOIN wallet w ON w.tenant_id = g.tenant_id AND w.wallet_id = g.wallet_id AND w.kind = 'gift_card'
WHERE g.tenant_id = %(tenant_id)s AND w.wallet_id IS NULL
UNION ALL
SELECT 'wallet without a card', w.wallet_id
FROM wallet w
LEFT JOIN gift_card g ON g.tenant_id = w.tenant_id AND g.wallet_id = w.wallet_id
WHERE w.tenant_id = %(tenant_id)s AND w.kind = 'gift_card' AND g.wallet_id IS NULL
UNION ALL
SELECT 'wallet_movement', m.movement_id
FROM wallet_movement m
LEFT JOIN wallet w ON w.tenant_id = m.tenant_id AND w.wallet_id = m.wallet_id
WHERE m.tenant_id = %(tenant_id)s AND w.wallet_id IS NULL
UNION ALL
SELECT 'wallet_entry', e.movement_id
FROM wallet_entry e
LEFT JOIN wallet_movement m ON m.tenant_id = e.tenant_id AND m.movement_id = e.movement_id
WHERE e.tenant_id = %(tenant_id)s AND m.movement_id IS NULL

-- name: i20_nothing_stays_in_a_wallet_beyond_its_time
-- The job runs every hour; a day is grace for a worker that was away.
SELECT l.wallet_id, l.lot_id, l.expires_at
FROM wallet_lot l
WHERE l.tenant_id = %(tenant_id)s AND l.remaining > 0 AND l.expires_at < %(now)s::timestamptz - interval '1 day'
