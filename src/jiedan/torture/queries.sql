-- name: held_lease
SELECT l.holder FROM drain_lease l WHERE l.tenant_id = %(tenant_id)s AND l.leased_until > %(now)s
