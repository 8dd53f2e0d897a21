-- What must hold of drafts and views. Each statement only reads, and returns the rows of one merchant that break it;
-- the number in its name is that of the invariant. Parameters: tenant_id, and now where time matters.

-- name: i16_every_view_has_its_events
SELECT v.view_id, v.version AS found, count(e.event_id) AS expected
FROM saved_view v
LEFT JOIN event_log e ON e.tenant_id = v.tenant_id AND e.subject_id = v.view_id
    AND e.kind IN ('orders.view_saved', 'orders.view_changed')
WHERE v.tenant_id = %(tenant_id)s
GROUP BY v.view_id, v.version
HAVING v.version <> count(e.event_id)

-- name: i16_every_draft_has_its_events
-- One tells of it as it is now: saved, or taken back. It was thrown away once more often than taken back, or as often.
SELECT d.draft_id, d.version, 'orders.draft_saved' AS expected
FROM order_draft d
LEFT JOIN event_log e ON e.tenant_id = d.tenant_id AND e.subject_id = d.draft_id
    AND e.kind IN ('orders.draft_saved', 'orders.draft_restored') AND (e.data ->> 'version')::bigint = d.version
WHERE d.tenant_id = %(tenant_id)s AND d.discarded_at IS NULL AND e.event_id IS NULL
UNION ALL
SELECT d.draft_id, d.version, CASE WHEN d.discarded_at IS NULL THEN '' ELSE 'orders.draft_discarded' END
FROM order_draft d
LEFT JOIN event_log e ON e.tenant_id = d.tenant_id AND e.subject_id = d.draft_id
    AND e.kind IN ('orders.draft_discarded', 'orders.draft_restored')
WHERE d.tenant_id = %(tenant_id)s
GROUP BY d.draft_id, d.version, d.discarded_at
HAVING count(e.event_id) FILTER (WHERE e.kind = 'orders.draft_discarded')
    - count(e.event_id) FILTER (WHERE e.kind = 'orders.draft_restored')
    <> CASE WHEN d.discarded_at IS NULL THEN 0 ELSE 1 END
