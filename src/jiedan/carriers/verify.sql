-- What must hold of carriers. Each statement only reads, and returns the rows of one merchant that break it.

-- name: i02_waybill_numbers_are_below_the_next_one
-- A number of our own sheet ends with ten digits of its serial and a check digit.
SELECT l.parcel_id, l.tracking_number, coalesce(w.next_number, 1) AS expected
FROM parcel_label l
JOIN carrier c ON c.tenant_id = l.tenant_id AND c.code = l.carrier AND c.adapter = 'rates'
LEFT JOIN waybill_series w ON w.tenant_id = l.tenant_id AND w.code = l.carrier
WHERE l.tenant_id = %(tenant_id)s
    AND substring(l.tracking_number FROM '([0-9]{10})[0-9]$')::numeric >= coalesce(w.next_number, 1)

-- name: i16_every_carrier_has_its_event
SELECT c.code
FROM carrier c
LEFT JOIN event_log e ON e.tenant_id = c.tenant_id AND e.subject_id = c.tenant_id AND e.kind = 'carriers.carrier_saved'
    AND e.data ->> 'code' = c.code
WHERE c.tenant_id = %(tenant_id)s AND e.event_id IS NULL

-- name: i18_waybills_belong_to_carriers
SELECT w.code
FROM waybill_series w
LEFT JOIN carrier c ON c.tenant_id = w.tenant_id AND c.code = w.code
WHERE w.tenant_id = %(tenant_id)s AND c.code IS NULL
