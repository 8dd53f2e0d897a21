-- Customers' accounts: written when an address was proved, one row at a time.

-- name: insert_account
INSERT INTO customer_account (tenant_id, customer_id, email, email_key, password_hash, is_active, created_at)
SELECT t.tenant_id, %(customer_id)s, %(email)s, %(email_key)s, %(password_hash)s, true, %(at)s
FROM tenant t WHERE t.tenant_id = %(tenant_id)s
ON CONFLICT DO NOTHING
RETURNING customer_id

-- name: confirm_account
-- Only while it still is as it was when its password was verified.
UPDATE customer_account SET password_hash = %(password_hash)s
WHERE tenant_id = %(tenant_id)s AND customer_id = %(customer_id)s AND is_active
    AND password_hash = %(verified_hash)s

-- name: set_password
UPDATE customer_account SET password_hash = %(password_hash)s
WHERE tenant_id = %(tenant_id)s AND customer_id = %(customer_id)s AND is_active

-- name: set_email
UPDATE customer_account SET email = %(email)s, email_key = %(email_key)s
WHERE tenant_id = %(tenant_id)s AND customer_id = %(customer_id)s AND is_active

-- name: set_active
UPDATE customer_account SET is_active = %(is_active)s
WHERE tenant_id = %(tenant_id)s AND customer_id = %(customer_id)s

-- name: insert_session
INSERT INTO customer_session (
    tenant_id, session_id, customer_id, secret_hash, created_at, last_seen_at, expires_at, network, user_agent
)
SELECT t.tenant_id, %(session_id)s, %(customer_id)s, %(secret_hash)s, %(at)s, %(at)s, %(expires_at)s, %(network)s,
    %(user_agent)s
FROM tenant t WHERE t.tenant_id = %(tenant_id)s

-- name: touch_session
UPDATE customer_session SET last_seen_at = %(at)s
WHERE tenant_id = %(tenant_id)s AND session_id = %(session_id)s

-- name: end_session
DELETE FROM customer_session WHERE tenant_id = %(tenant_id)s AND secret_hash = %(secret_hash)s
RETURNING customer_id, session_id

-- name: end_sessions
DELETE FROM customer_session
WHERE tenant_id = %(tenant_id)s AND customer_id = %(customer_id)s AND session_id <> %(kept)s
RETURNING session_id

-- name: forget_sessions
DELETE FROM customer_session
WHERE tenant_id = %(tenant_id)s AND session_id IN (
    SELECT s.session_id FROM customer_session s
    WHERE s.tenant_id = %(tenant_id)s AND s.expires_at <= %(at)s
    ORDER BY s.expires_at
    LIMIT %(rows_max)s
    FOR UPDATE SKIP LOCKED
)

-- name: put_link
-- The newest counts: it takes the place of the one made before for the same address and purpose.
INSERT INTO customer_link AS l (
    tenant_id, link_id, purpose, email, email_key, customer_id, secret_hash, locale, created_at, expires_at
)
SELECT t.tenant_id, %(link_id)s, %(purpose)s, %(email)s, %(email_key)s, %(customer_id)s::uuid, NULL, %(locale)s,
    %(at)s, %(expires_at)s
FROM tenant t WHERE t.tenant_id = %(tenant_id)s
ON CONFLICT (tenant_id, email_key, purpose) DO UPDATE SET
    link_id = excluded.link_id, email = excluded.email, customer_id = excluded.customer_id, secret_hash = NULL,
    locale = excluded.locale, created_at = excluded.created_at, expires_at = excluded.expires_at

-- name: mint_links
-- Into an account that is disabled no link gets a secret.
UPDATE customer_link l SET secret_hash = u.secret_hash
FROM unnest(%(link_ids)s::uuid[], %(secret_hashes)s::bytea[]) AS u (link_id, secret_hash)
WHERE l.tenant_id = %(tenant_id)s AND l.link_id = u.link_id AND l.expires_at > %(at)s
    AND (l.customer_id IS NULL OR EXISTS (
        SELECT 1 FROM customer_account a
        WHERE a.tenant_id = %(tenant_id)s AND a.customer_id = l.customer_id AND a.is_active
    ))
RETURNING l.link_id, l.purpose, l.customer_id, l.email, l.expires_at

-- name: lock_account_of_link
SELECT a.customer_id
FROM customer_link l
JOIN customer_account a ON a.tenant_id = l.tenant_id AND a.customer_id = l.customer_id
WHERE l.tenant_id = %(tenant_id)s AND l.secret_hash = %(secret_hash)s
ORDER BY a.customer_id
FOR NO KEY UPDATE OF a

-- name: use_link
DELETE FROM customer_link
WHERE tenant_id = %(tenant_id)s AND secret_hash = %(secret_hash)s AND purpose = %(purpose)s AND expires_at > %(at)s
RETURNING link_id, email, customer_id

-- name: end_links
DELETE FROM customer_link WHERE tenant_id = %(tenant_id)s AND customer_id = %(customer_id)s

-- name: forget_links
DELETE FROM customer_link
WHERE tenant_id = %(tenant_id)s AND link_id IN (
    SELECT l.link_id FROM customer_link l
    WHERE l.tenant_id = %(tenant_id)s AND l.expires_at <= %(at)s
    ORDER BY l.expires_at
    LIMIT %(rows_max)s
    FOR UPDATE SKIP LOCKED
)
