-- name: decisions
SELECT decision_id, kind, rules_version, data, decided_at FROM order_decision
WHERE tenant_id = %(tenant_id)s AND order_id = %(order_id)s
ORDER BY decided_at DESC, decision_id DESC
LIMIT %(limit)s
