-- One-time links of staff.

-- name: mint_links
UPDATE staff_link l SET mailed_hash = u.secret_hash
FROM unnest(%(staff_ids)s::uuid[], %(secret_hashes)s::bytea[]) AS u (staff_id, secret_hash)
WHERE l.tenant_id = %(tenant_id)s AND l.staff_id = u.staff_id AND l.purpose = %(purpose)s AND l.expires_at > %(at)s
RETURNING l.staff_id, l.expires_at
