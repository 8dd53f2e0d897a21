-- name: upsert_loyalty_rules
-- What is as it was keeps its version.
INSERT INTO loyalty_rule (tenant_id, currency, points, step_minor, lives_days, version)
SELECT t.tenant_id, u.currency, u.points, u.step_minor, u.lives_days, 1
FROM tenant t CROSS JOIN unnest(
    %(currencies)s::text[], %(points)s::bigint[], %(steps_minor)s::bigint[], %(lives_days)s::bigint[]
) AS u (currency, points, step_minor, lives_days)
WHERE t.tenant_id = %(tenant_id)s
ORDER BY u.currency
ON CONFLICT (tenant_id, currency) DO UPDATE
SET points = excluded.points, step_minor = excluded.step_minor, lives_days = excluded.lives_days,
    version = loyalty_rule.version + 1
WHERE (loyalty_rule.points, loyalty_rule.step_minor) <> (excluded.points, excluded.step_minor)
    OR loyalty_rule.lives_days IS DISTINCT FROM excluded.lives_days
RETURNING currency, version
