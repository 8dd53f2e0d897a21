-- name: upsert_loyalty_rules
-- What is as it was keeps its version. Where none were earned, they are from now on.
INSERT INTO loyalty_rule (
    tenant_id, currency, points, step_minor, lives_days, pays_points, pays_minor, pays_points_min, pays_share_percent,
    version, since
)
SELECT
    t.tenant_id, u.currency, u.points, u.step_minor, u.lives_days, u.pays_points, u.pays_minor, u.pays_points_min,
    u.pays_share_percent, 1, %(now)s
FROM tenant t CROSS JOIN unnest(
    %(currencies)s::text[], %(points)s::bigint[], %(steps_minor)s::bigint[], %(lives_days)s::bigint[],
    %(pays_points)s::bigint[], %(pays_minor)s::bigint[], %(pays_points_min)s::bigint[],
    %(pays_share_percent)s::bigint[]
) AS u (
    currency, points, step_minor, lives_days, pays_points, pays_minor, pays_points_min, pays_share_percent
)
WHERE t.tenant_id = %(tenant_id)s
ORDER BY u.currency
ON CONFLICT (tenant_id, currency) DO UPDATE
SET points = excluded.points, step_minor = excluded.step_minor, lives_days = excluded.lives_days,
    pays_points = excluded.pays_points, pays_minor = excluded.pays_minor,
    pays_points_min = excluded.pays_points_min, pays_share_percent = excluded.pays_share_percent,
    version = loyalty_rule.version + 1,
    since = CASE WHEN loyalty_rule.points = 0 THEN %(now)s ELSE loyalty_rule.since END
WHERE (
        loyalty_rule.points, loyalty_rule.step_minor, loyalty_rule.pays_points, loyalty_rule.pays_minor,
        loyalty_rule.pays_points_min, loyalty_rule.pays_share_percent
    ) <> (
        excluded.points, excluded.step_minor, excluded.pays_points, excluded.pays_minor, excluded.pays_points_min,
        excluded.pays_share_percent
    )
    OR loyalty_rule.lives_days IS DISTINCT FROM excluded.lives_days
RETURNING currency, version
