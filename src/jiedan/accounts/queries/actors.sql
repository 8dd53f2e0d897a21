-- Who holds a credential and what they may do, what those who act are called, and who edited what.

-- name: credentials_alive
SELECT s.session_id
FROM staff_session s JOIN staff p ON p.tenant_id = s.tenant_id AND p.staff_id = s.staff_id
WHERE s.tenant_id = %(tenant_id)s AND s.session_id = ANY(%(credential_ids)s::uuid[]) AND p.is_active
UNION ALL
SELECT k.api_key_id
FROM api_key k LEFT JOIN staff p ON p.tenant_id = k.tenant_id AND p.staff_id = k.created_by
WHERE k.tenant_id = %(tenant_id)s AND k.api_key_id = ANY(%(credential_ids)s::uuid[])
    AND k.revoked_at IS NULL AND (k.created_by IS NULL OR p.is_active)

-- name: session_holder
SELECT
    s.session_id, s.last_seen_at, s.expires_at, p.staff_id, p.name, p.locale, r.code, r.permissions,
    m.slug, m.name, m.time_zone, m.currency, m.accent_hue
FROM staff_session s
JOIN staff p ON p.tenant_id = s.tenant_id AND p.staff_id = s.staff_id
JOIN role r ON r.tenant_id = p.tenant_id AND r.role_id = p.role_id
JOIN merchant m ON m.tenant_id = s.tenant_id
WHERE s.tenant_id = %(tenant_id)s AND s.secret_hash = %(secret_hash)s AND p.is_active

-- name: api_key_holder
SELECT
    k.api_key_id, k.last_used_at, k.expires_at, k.name, k.permissions, k.created_by, r.code, r.permissions,
    m.slug, m.name, m.time_zone, m.currency, m.accent_hue
FROM api_key k
LEFT JOIN staff p ON p.tenant_id = k.tenant_id AND p.staff_id = k.created_by
LEFT JOIN role r ON r.tenant_id = p.tenant_id AND r.role_id = p.role_id
JOIN merchant m ON m.tenant_id = k.tenant_id
WHERE k.tenant_id = %(tenant_id)s AND k.secret_hash = %(secret_hash)s AND k.revoked_at IS NULL
    AND (k.created_by IS NULL OR p.is_active)

-- name: permissions_of
SELECT r.code, r.permissions, NULL::text[] AS scope
FROM staff p
JOIN role r ON r.tenant_id = p.tenant_id AND r.role_id = p.role_id
WHERE p.tenant_id = %(tenant_id)s AND p.staff_id = %(holder_id)s::uuid AND p.is_active
UNION ALL
SELECT r.code, r.permissions, k.permissions
FROM api_key k
LEFT JOIN staff p ON p.tenant_id = k.tenant_id AND p.staff_id = k.created_by
LEFT JOIN role r ON r.tenant_id = p.tenant_id AND r.role_id = p.role_id
WHERE k.tenant_id = %(tenant_id)s AND k.api_key_id = %(holder_id)s::uuid AND k.revoked_at IS NULL
    AND (k.created_by IS NULL OR p.is_active)

-- name: roles_of
SELECT p.staff_id, r.code
FROM staff p
JOIN role r ON r.tenant_id = p.tenant_id AND r.role_id = p.role_id
WHERE p.tenant_id = %(tenant_id)s AND p.staff_id = ANY(%(holder_ids)s::uuid[])
UNION ALL
SELECT k.api_key_id, r.code
FROM api_key k
JOIN staff p ON p.tenant_id = k.tenant_id AND p.staff_id = k.created_by
JOIN role r ON r.tenant_id = p.tenant_id AND r.role_id = p.role_id
WHERE k.tenant_id = %(tenant_id)s AND k.api_key_id = ANY(%(holder_ids)s::uuid[])

-- name: edits
SELECT u.subject_id, e.actor_kind, e.actor_id, e.data
FROM unnest(%(subject_ids)s::uuid[]) AS u (subject_id)
CROSS JOIN LATERAL (
    SELECT l.event_id, l.actor_kind, l.actor_id, l.data
    FROM event_log l
    WHERE l.tenant_id = %(tenant_id)s AND l.subject_id = u.subject_id AND l.kind = %(kind)s
    ORDER BY l.event_id DESC
    LIMIT %(edits_max)s
) AS e
ORDER BY u.subject_id, e.event_id DESC

-- name: staff_names
SELECT p.staff_id, p.name FROM staff p WHERE p.tenant_id = %(tenant_id)s AND p.staff_id = ANY(%(staff_ids)s::uuid[])
UNION ALL
SELECT k.api_key_id, k.name
FROM api_key k
WHERE k.tenant_id = %(tenant_id)s AND k.api_key_id = ANY(%(staff_ids)s::uuid[])
