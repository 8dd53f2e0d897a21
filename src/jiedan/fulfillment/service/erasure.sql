-- What is written of parcels when their customer is forgotten.

-- name: erase_labels
UPDATE parcel_label SET document = %(document)s, media_type = 'text/plain'
WHERE tenant_id = %(tenant_id)s AND parcel_id = ANY(%(parcel_ids)s::uuid[])
