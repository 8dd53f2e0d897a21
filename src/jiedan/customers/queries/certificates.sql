-- Reads of the scans that are kept with tax exemptions.

-- name: certificates
SELECT f.exemption_id, f.media_type, octet_length(f.document), f.digest, f.kept_at
FROM customer_tax_certificate f
WHERE f.tenant_id = %(tenant_id)s AND f.customer_id = ANY(%(customer_ids)s::uuid[])
ORDER BY f.exemption_id

-- name: certificate
SELECT f.exemption_id, f.media_type, octet_length(f.document), f.digest, f.kept_at, f.document
FROM customer_tax_certificate f
WHERE f.tenant_id = %(tenant_id)s AND f.customer_id = ANY(%(customer_ids)s::uuid[])
    AND f.exemption_id = %(exemption_id)s
