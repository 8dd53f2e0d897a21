-- name: begin_counting
INSERT INTO figure_counted (tenant_id, counted_from, counted_to)
SELECT t.tenant_id, %(hour)s, %(hour)s FROM tenant t WHERE t.tenant_id = %(tenant_id)s
ON CONFLICT (tenant_id) DO NOTHING

-- name: counted_up_to
UPDATE figure_counted SET counted_to = %(hour)s WHERE tenant_id = %(tenant_id)s

-- name: forget_hours
DELETE FROM figure_hour WHERE tenant_id = %(tenant_id)s AND hour = ANY(%(hours)s::timestamptz[])

-- name: insert_hours
INSERT INTO figure_hour (tenant_id, hour, figure, currency, channel, amount)
SELECT t.tenant_id, u.hour, u.figure, u.currency, u.channel, u.amount
FROM tenant t CROSS JOIN unnest(
    %(hours)s::timestamptz[], %(figures)s::text[], %(currencies)s::text[], %(channels)s::text[], %(amounts)s::bigint[]
) AS u (hour, figure, currency, channel, amount)
WHERE t.tenant_id = %(tenant_id)s

-- name: insert_due
INSERT INTO figure_due (tenant_id, hour, event_id)
SELECT t.tenant_id, u.hour, %(event_id)s
FROM tenant t CROSS JOIN unnest(%(hours)s::timestamptz[]) AS u (hour)
WHERE t.tenant_id = %(tenant_id)s
ON CONFLICT DO NOTHING

-- name: delete_due
DELETE FROM figure_due d
USING unnest(%(hours)s::timestamptz[], %(event_ids)s::uuid[]) AS u (hour, event_id)
WHERE d.tenant_id = %(tenant_id)s AND d.hour = u.hour AND d.event_id = u.event_id
