-- Attempts to sign in, per account and per network, in windows that begin with the first attempt.

-- name: count_attempts
INSERT INTO sign_in_throttle AS h (tenant_id, subject, attempts, window_started_at)
SELECT t.tenant_id, u.subject, %(times)s::bigint, %(at)s
FROM tenant t CROSS JOIN unnest(%(subjects)s::bytea[]) AS u (subject)
WHERE t.tenant_id = %(tenant_id)s
ON CONFLICT (tenant_id, subject) DO UPDATE SET
    attempts = CASE WHEN h.window_started_at <= %(before)s THEN %(times)s::bigint ELSE h.attempts + %(times)s::bigint END,
    window_started_at = CASE WHEN h.window_started_at <= %(before)s THEN %(at)s ELSE h.window_started_at END
RETURNING subject, attempts, window_started_at

-- name: attempts
SELECT h.subject, h.attempts, h.window_started_at
FROM sign_in_throttle h
WHERE h.tenant_id = %(tenant_id)s AND h.subject = ANY(%(subjects)s::bytea[]) AND h.window_started_at > %(before)s

-- name: forget_account
DELETE FROM sign_in_throttle WHERE tenant_id = %(tenant_id)s AND subject = %(subject)s

-- name: forgive_network
UPDATE sign_in_throttle SET attempts = attempts - 1
WHERE tenant_id = %(tenant_id)s AND subject = %(subject)s AND attempts > 0
