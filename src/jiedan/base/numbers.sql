-- name: lease_numbers
INSERT INTO number_series (tenant_id, series, next_number)
VALUES (%(tenant_id)s, %(series)s, 1 + %(count)s::bigint)
ON CONFLICT (tenant_id, series) DO UPDATE SET next_number = number_series.next_number + %(count)s::bigint
RETURNING next_number
