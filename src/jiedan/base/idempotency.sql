-- Keys of callers: claimed before anything else is locked, in key order.

-- name: claim_keys
INSERT INTO idempotency_key (tenant_id, operation, caller, key, fingerprint, subject_id, created_at)
SELECT t.tenant_id, %(operation)s, u.caller, u.key, u.fingerprint, u.subject_id, %(created_at)s
FROM tenant t CROSS JOIN unnest(
    %(callers)s::text[], %(keys)s::text[], %(fingerprints)s::bytea[], %(subject_ids)s::uuid[]
) AS u (caller, key, fingerprint, subject_id)
WHERE t.tenant_id = %(tenant_id)s
ORDER BY u.caller, u.key
ON CONFLICT (tenant_id, operation, caller, key) DO NOTHING
RETURNING caller, key

-- name: read_keys
SELECT k.caller, k.key, k.fingerprint, k.subject_id, k.outcome
FROM idempotency_key k
JOIN unnest(%(callers)s::text[], %(keys)s::text[]) AS u (caller, key) ON k.caller = u.caller AND k.key = u.key
WHERE k.tenant_id = %(tenant_id)s AND k.operation = %(operation)s

-- name: give_back_keys
DELETE FROM idempotency_key k
USING unnest(%(callers)s::text[], %(keys)s::text[]) AS u (caller, key)
WHERE k.tenant_id = %(tenant_id)s AND k.operation = %(operation)s AND k.caller = u.caller AND k.key = u.key

-- name: record_outcomes
UPDATE idempotency_key k SET outcome = u.outcome
FROM unnest(%(callers)s::text[], %(keys)s::text[], %(outcomes)s::bytea[]) AS u (caller, key, outcome)
WHERE k.tenant_id = %(tenant_id)s AND k.operation = %(operation)s AND k.caller = u.caller AND k.key = u.key

-- name: expire_keys
DELETE FROM idempotency_key k
USING (
    SELECT operation, caller, key FROM idempotency_key
    WHERE tenant_id = %(tenant_id)s AND created_at < %(before)s
    ORDER BY created_at LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
) AS old
WHERE k.tenant_id = %(tenant_id)s AND k.operation = old.operation AND k.caller = old.caller AND k.key = old.key
