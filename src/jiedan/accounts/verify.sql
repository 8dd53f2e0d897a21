-- What must hold of merchants, staff and credentials. Each statement only reads, and returns the rows of one merchant
-- that break it; the number is that of the invariant in docs/reference. Parameters: tenant_id, and now where time matters.
-- There are few of these things and many events, so events are counted by subject, through their index.

-- name: i05_somebody_can_own_the_merchant
SELECT m.tenant_id, m.slug
FROM merchant m
WHERE m.tenant_id = %(tenant_id)s AND NOT EXISTS (
    SELECT 1
    FROM staff p
    JOIN role r ON r.tenant_id = p.tenant_id AND r.role_id = p.role_id
    LEFT JOIN staff_link k ON k.tenant_id = p.tenant_id AND k.staff_id = p.staff_id
    WHERE p.tenant_id = m.tenant_id AND r.code = 'owner' AND p.is_active
        AND (p.password_hash IS NOT NULL OR k.staff_id IS NOT NULL)
)

-- name: i05_nobody_deactivated_is_signed_in
SELECT s.session_id, s.staff_id
FROM staff_session s
JOIN staff p ON p.tenant_id = s.tenant_id AND p.staff_id = s.staff_id
WHERE s.tenant_id = %(tenant_id)s AND NOT p.is_active

-- name: i05_recovery_codes_need_a_second_step
SELECT r.staff_id, count(*) AS codes
FROM recovery_code r
LEFT JOIN staff_factor f ON f.tenant_id = r.tenant_id AND f.staff_id = r.staff_id AND f.confirmed_at IS NOT NULL
WHERE r.tenant_id = %(tenant_id)s AND f.staff_id IS NULL
GROUP BY r.staff_id

-- name: i16_every_edit_of_the_settings_has_its_event
SELECT x.tenant_id, x.version - 1 AS found, x.edits AS expected
FROM (
    SELECT m.tenant_id, m.version, (
        SELECT count(*) FROM event_log e
        WHERE e.tenant_id = %(tenant_id)s AND e.subject_id = m.tenant_id AND e.kind = 'accounts.merchant_changed'
    ) AS edits
    FROM merchant m
    WHERE m.tenant_id = %(tenant_id)s
) AS x
WHERE x.version - 1 <> x.edits

-- name: i16_every_edit_of_a_role_has_its_event
SELECT x.role_id, x.version - 1 AS found, x.edits AS expected
FROM (
    SELECT r.role_id, r.version, (
        SELECT count(*) FROM event_log e
        WHERE e.tenant_id = %(tenant_id)s AND e.subject_id = r.role_id AND e.kind = 'accounts.role_changed'
    ) AS edits
    FROM role r
    WHERE r.tenant_id = %(tenant_id)s
) AS x
WHERE x.version - 1 <> x.edits

-- name: i16_every_edit_of_a_person_has_its_event
SELECT x.staff_id, x.version - 1 AS found, x.edits AS expected
FROM (
    SELECT p.staff_id, p.version, (
        SELECT count(*) FROM event_log e
        WHERE e.tenant_id = %(tenant_id)s AND e.subject_id = p.staff_id AND e.kind = 'accounts.staff_changed'
    ) AS edits
    FROM staff p
    WHERE p.tenant_id = %(tenant_id)s
) AS x
WHERE x.version - 1 <> x.edits

-- name: i16_every_edit_of_a_passkey_has_its_event
SELECT x.passkey_id, x.version - 1 AS found, x.edits AS expected
FROM (
    SELECT k.passkey_id, k.version, (
        SELECT count(*) FROM event_log e
        WHERE e.tenant_id = %(tenant_id)s AND e.subject_id = k.passkey_id AND e.kind = 'accounts.passkey_renamed'
    ) AS edits
    FROM passkey k
    WHERE k.tenant_id = %(tenant_id)s
) AS x
WHERE x.version - 1 <> x.edits

-- name: i16_every_api_key_has_its_events
SELECT x.api_key_id, x.revoked_at, x.events AS found
FROM (
    SELECT k.api_key_id, k.revoked_at, (
        SELECT count(*) FROM event_log e
        WHERE e.tenant_id = %(tenant_id)s AND e.subject_id = k.api_key_id
            AND e.kind IN ('accounts.api_key_created', 'accounts.api_key_revoked')
    ) AS events
    FROM api_key k
    WHERE k.tenant_id = %(tenant_id)s
) AS x
WHERE x.events <> CASE WHEN x.revoked_at IS NULL THEN 1 ELSE 2 END

-- name: i18_the_merchant_stands_in_the_directory
SELECT m.tenant_id, m.slug, d.slug AS found
FROM merchant m
LEFT JOIN tenant t ON t.tenant_id = m.tenant_id
LEFT JOIN directory d ON d.tenant_id = m.tenant_id
WHERE m.tenant_id = %(tenant_id)s AND (t.tenant_id IS NULL OR d.slug IS DISTINCT FROM m.slug)

-- name: i18_staff_and_credentials_belong_to_the_same_merchant
SELECT 'staff' AS what, p.staff_id AS id
FROM staff p LEFT JOIN role r ON r.tenant_id = p.tenant_id AND r.role_id = p.role_id
WHERE p.tenant_id = %(tenant_id)s AND r.role_id IS NULL
UNION ALL
SELECT 'staff_session', s.session_id
FROM staff_session s LEFT JOIN staff p ON p.tenant_id = s.tenant_id AND p.staff_id = s.staff_id
WHERE s.tenant_id = %(tenant_id)s AND p.staff_id IS NULL
UNION ALL
SELECT 'staff_link', l.staff_id
FROM staff_link l LEFT JOIN staff p ON p.tenant_id = l.tenant_id AND p.staff_id = l.staff_id
WHERE l.tenant_id = %(tenant_id)s AND p.staff_id IS NULL
UNION ALL
SELECT 'passkey', k.passkey_id
FROM passkey k LEFT JOIN staff p ON p.tenant_id = k.tenant_id AND p.staff_id = k.staff_id
WHERE k.tenant_id = %(tenant_id)s AND p.staff_id IS NULL
UNION ALL
SELECT 'api_key', k.api_key_id
FROM api_key k LEFT JOIN staff p ON p.tenant_id = k.tenant_id AND p.staff_id = k.created_by
WHERE k.tenant_id = %(tenant_id)s AND k.created_by IS NOT NULL AND p.staff_id IS NULL
