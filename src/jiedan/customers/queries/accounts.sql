-- name: session_holder
SELECT s.session_id, a.customer_id, p.customer_id, p.name, p.locale, s.last_seen_at, s.expires_at
FROM customer_session s
JOIN customer_account a ON a.tenant_id = s.tenant_id AND a.customer_id = s.customer_id
JOIN customer c ON c.tenant_id = a.tenant_id AND c.customer_id = a.customer_id
JOIN customer p ON p.tenant_id = c.tenant_id
    AND p.customer_id = CASE WHEN c.merged_into IS NULL THEN c.customer_id ELSE c.merged_into END
WHERE s.tenant_id = %(tenant_id)s AND s.secret_hash = %(secret_hash)s AND a.is_active

-- name: account_by_email
SELECT a.customer_id, a.email, c.name, a.password_hash, a.is_active
FROM customer_account a
JOIN customer c ON c.tenant_id = a.tenant_id AND c.customer_id = a.customer_id
WHERE a.tenant_id = %(tenant_id)s AND a.email_key = %(email_key)s

-- name: emails_with_account
SELECT a.email_key FROM customer_account a
WHERE a.tenant_id = %(tenant_id)s AND a.email_key = ANY(%(email_keys)s::text[])

-- name: account_by_id
SELECT a.customer_id, a.email, c.name, a.password_hash, a.is_active
FROM customer_account a
JOIN customer c ON c.tenant_id = a.tenant_id AND c.customer_id = a.customer_id
WHERE a.tenant_id = %(tenant_id)s AND a.customer_id = %(customer_id)s

-- name: accounts
SELECT a.customer_id, a.email, a.password_hash IS NOT NULL, a.is_active, a.created_at, (
    SELECT max(s.last_seen_at) FROM customer_session s
    WHERE s.tenant_id = %(tenant_id)s AND s.customer_id = a.customer_id
)
FROM customer_account a
WHERE a.tenant_id = %(tenant_id)s AND a.customer_id = ANY(%(customer_ids)s::uuid[])
ORDER BY a.customer_id

-- name: accounts_for_update
SELECT a.customer_id, a.email, a.password_hash IS NOT NULL, a.is_active, a.created_at, NULL::timestamptz
FROM customer_account a
WHERE a.tenant_id = %(tenant_id)s AND a.customer_id = ANY(%(customer_ids)s::uuid[])
ORDER BY a.customer_id
FOR NO KEY UPDATE

-- name: link
SELECT l.link_id, l.purpose, l.email, l.customer_id, l.expires_at
FROM customer_link l
LEFT JOIN customer_account a ON a.tenant_id = l.tenant_id AND a.customer_id = l.customer_id
WHERE l.tenant_id = %(tenant_id)s AND l.secret_hash = %(secret_hash)s AND l.expires_at > %(now)s
    AND (l.customer_id IS NULL OR a.is_active)

-- name: sessions
SELECT s.session_id, s.created_at, s.last_seen_at, s.user_agent
FROM customer_session s
WHERE s.tenant_id = %(tenant_id)s AND s.customer_id = %(customer_id)s
    AND s.expires_at > %(now)s AND s.last_seen_at > %(idle_since)s
ORDER BY s.session_id DESC
LIMIT %(sessions_max)s
