-- The writes of transfers.

-- name: insert_transfers
INSERT INTO transfer (tenant_id, transfer_id, from_location_id, to_location_id, reference, created_at)
SELECT t.tenant_id, u.transfer_id, u.from_location_id, u.to_location_id, u.reference, %(now)s
FROM tenant t CROSS JOIN unnest(
    %(transfer_ids)s::uuid[], %(from_location_ids)s::uuid[], %(to_location_ids)s::uuid[], %(references)s::text[]
) AS u (transfer_id, from_location_id, to_location_id, reference)
WHERE t.tenant_id = %(tenant_id)s

-- name: insert_transfer_lines
INSERT INTO transfer_line (tenant_id, transfer_id, sku_id, quantity, shipped, received, missing)
SELECT t.tenant_id, u.transfer_id, u.sku_id, u.quantity, 0, 0, 0
FROM tenant t CROSS JOIN unnest(%(transfer_ids)s::uuid[], %(sku_ids)s::uuid[], %(quantities)s::bigint[])
    AS u (transfer_id, sku_id, quantity)
WHERE t.tenant_id = %(tenant_id)s

-- name: set_transfer_lines
UPDATE transfer_line x
SET shipped = u.shipped, received = u.received, missing = u.missing
FROM unnest(
    %(transfer_ids)s::uuid[], %(sku_ids)s::uuid[], %(shipped)s::bigint[], %(received)s::bigint[], %(missing)s::bigint[]
) AS u (transfer_id, sku_id, shipped, received, missing)
WHERE x.tenant_id = %(tenant_id)s AND x.transfer_id = u.transfer_id AND x.sku_id = u.sku_id

-- name: close_transfers
UPDATE transfer t
SET closed_at = %(now)s
WHERE t.tenant_id = %(tenant_id)s AND t.transfer_id = ANY(%(transfer_ids)s::uuid[])
