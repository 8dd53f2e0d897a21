-- What must hold of bulk jobs. Each statement only reads, and returns the rows of one merchant that break it; the
-- number in its name is that of the invariant. Parameters: tenant_id, and now where time matters.

-- name: i14_every_order_of_a_job_was_dealt_with_once
-- What is counted is what became of its orders, and they were done in the order of their places.
SELECT j.job_id, j.total, j.done, j.failed, i.orders, i.orders_done, i.orders_failed, i.last_place
FROM bulk_job j
LEFT JOIN (
    SELECT x.job_id, count(*) AS orders, count(*) FILTER (WHERE x.status = 'done') AS orders_done,
        count(*) FILTER (WHERE x.status = 'failed') AS orders_failed, max(x.place) AS last_place,
        max(x.place) FILTER (WHERE x.status <> 'waiting') AS last_done
    FROM bulk_item x
    WHERE x.tenant_id = %(tenant_id)s
    GROUP BY x.job_id
) AS i ON i.job_id = j.job_id
WHERE j.tenant_id = %(tenant_id)s
    AND (j.total <> coalesce(i.orders, 0) OR j.done <> coalesce(i.orders_done, 0)
        OR j.failed <> coalesce(i.orders_failed, 0) OR coalesce(i.last_place, 0) <> j.total
        OR coalesce(i.last_done, 0) <> j.done + j.failed)

-- name: i16_every_bulk_job_has_its_events
SELECT j.job_id, j.status, x.kind AS expected
FROM bulk_job j
CROSS JOIN LATERAL (
    VALUES ('bulk.job_queued', true), ('bulk.job_completed', j.status = 'completed')
) AS x (kind, is_due)
LEFT JOIN event_log e ON e.tenant_id = j.tenant_id AND e.subject_id = j.job_id AND e.kind = x.kind
WHERE j.tenant_id = %(tenant_id)s AND x.is_due AND e.event_id IS NULL
