-- What breaks each invariant, by the name of its check in verify.sql; `check__way` where there are several ways.

-- name: i16_every_change_of_the_price_rules_has_its_event
UPDATE price_rule_set SET version = version + 1 WHERE tenant_id = %(tenant)s

-- name: i16_every_change_of_the_price_rules_has_its_event__without_a_version
WITH untold AS (DELETE FROM event_log WHERE tenant_id = %(tenant)s RETURNING event_id)
DELETE FROM price_rule_set WHERE tenant_id = %(tenant)s AND EXISTS (SELECT 1 FROM untold)
