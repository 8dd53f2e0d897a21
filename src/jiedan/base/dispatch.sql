-- Asked across tenants by the dispatch role, which may see tenant_id and due times and nothing else.

-- name: due_tenants
SELECT d.tenant_id, min(d.available_at) AS oldest /* across tenants: which ones have something due */
FROM (
    SELECT o.tenant_id, o.available_at FROM outbox o WHERE o.available_at <= %(now)s
    UNION ALL
    SELECT r.tenant_id, r.available_at FROM outbox_retry r WHERE r.dead_at IS NULL AND r.available_at <= %(now)s
) AS d
GROUP BY d.tenant_id
ORDER BY oldest
