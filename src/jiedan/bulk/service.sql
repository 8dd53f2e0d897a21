-- name: insert_items
INSERT INTO bulk_item (tenant_id, job_id, place, order_id, number, version, status, code, detail)
SELECT t.tenant_id, %(job_id)s, u.place, u.order_id, u.number, u.version, 'waiting', '', ''
FROM tenant t CROSS JOIN unnest(
    %(places)s::bigint[], %(order_ids)s::uuid[], %(numbers)s::text[], %(versions)s::bigint[]
) AS u (place, order_id, number, version)
WHERE t.tenant_id = %(tenant_id)s

-- name: save_outcomes
UPDATE bulk_item i
SET status = u.status, code = u.code, detail = u.detail
FROM unnest(%(places)s::bigint[], %(statuses)s::text[], %(codes)s::text[], %(details)s::text[])
    AS u (place, status, code, detail)
WHERE i.tenant_id = %(tenant_id)s AND i.job_id = %(job_id)s AND i.place = u.place

-- name: chosen_orders
SELECT o.order_id, o.number, o.version
FROM orders o
WHERE o.tenant_id = %(tenant_id)s AND o.order_id = ANY(%(order_ids)s::uuid[])

-- name: failed_orders
SELECT i.order_id, o.number, o.version
FROM bulk_item i
JOIN orders o ON o.tenant_id = i.tenant_id AND o.order_id = i.order_id
WHERE i.tenant_id = %(tenant_id)s AND i.job_id = %(job_id)s AND i.status = 'failed'
ORDER BY i.place
LIMIT %(orders_max)s

-- name: delete_items_of
DELETE FROM bulk_item
WHERE tenant_id = %(tenant_id)s AND job_id = ANY(%(job_ids)s::uuid[])

-- name: delete_jobs
DELETE FROM bulk_job
WHERE tenant_id = %(tenant_id)s AND job_id = ANY(%(job_ids)s::uuid[])

-- name: jobs_of_orders
SELECT DISTINCT i.job_id FROM bulk_item i
JOIN bulk_job j ON j.tenant_id = i.tenant_id AND j.job_id = i.job_id
WHERE i.tenant_id = %(tenant_id)s AND i.order_id = ANY(%(order_ids)s::uuid[]) AND j.status IN ('completed', 'stopped')
ORDER BY i.job_id

-- name: erase_wishes
-- What was written on many orders at once may be about one of them.
UPDATE bulk_job SET wish = CASE WHEN wish -> 'note' IS NULL THEN wish
    ELSE jsonb_set(wish, '{note,text}', to_jsonb(%(erased)s::text)) END
WHERE tenant_id = %(tenant_id)s AND job_id = ANY(%(job_ids)s::uuid[])

-- name: erase_details
UPDATE bulk_item SET detail = ''
WHERE tenant_id = %(tenant_id)s AND job_id = ANY(%(job_ids)s::uuid[]) AND order_id = ANY(%(order_ids)s::uuid[])
