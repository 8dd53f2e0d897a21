-- What is written of orders when their customer is forgotten. Amounts, goods and dates stay.

-- name: orders_to_erase
SELECT o.order_id, o.cancel_reason FROM orders o
WHERE o.tenant_id = %(tenant_id)s AND o.order_id = ANY(%(order_ids)s::uuid[])
ORDER BY o.order_id
FOR NO KEY UPDATE

-- name: erase_orders
-- The fingerprint is of the whole draft, with the person in it: the same draft again is not taken for the same any more.
-- Why it was not taxed stays, for wherever it goes yet; the numbers that lead to somebody go.
UPDATE orders
SET contact_name = '', contact_phone = '', contact_email = '',
    tax = CASE WHEN tax IS NOT NULL THEN jsonb_strip_nulls(jsonb_build_object(
        'status', jsonb_build_object(
            'certificates', (
                SELECT jsonb_agg(c.shown || jsonb_build_object('number', '') ORDER BY c.i)
                FROM jsonb_array_elements(tax -> 'status' -> 'certificates') WITH ORDINALITY AS c (shown, i)
            ),
            'vat_numbers', (
                SELECT jsonb_agg(v.shown - 'number' ORDER BY v.i)
                FROM jsonb_array_elements(tax -> 'status' -> 'vat_numbers') WITH ORDINALITY AS v (shown, i)
            ),
            'is_business', tax -> 'status' -> 'is_business'
        ),
        'notes', (SELECT jsonb_agg(n.note - 'reference') FROM jsonb_array_elements(tax -> 'notes') AS n (note)),
        'home', tax -> 'home'
    )) END,
    external_fingerprint = CASE WHEN external_id IS NULL THEN NULL ELSE %(nothing)s::bytea END
WHERE tenant_id = %(tenant_id)s AND order_id = ANY(%(order_ids)s::uuid[])

-- name: erase_cancel_reasons
-- What was said in free words; a reason by its code stays, as it does in the log.
UPDATE orders SET cancel_reason = 'other'
WHERE tenant_id = %(tenant_id)s AND order_id = ANY(%(order_ids)s::uuid[])

-- name: erase_addresses
-- The country decides about tax, and so it stays.
UPDATE order_address
SET name = '', phone = '', company = '', region = '', city = '', district = '', line1 = '', line2 = '',
    postal_code = '', lat = NULL, lon = NULL
WHERE tenant_id = %(tenant_id)s AND order_id = ANY(%(order_ids)s::uuid[])

-- name: erase_notes
UPDATE order_note SET text = %(erased)s
WHERE tenant_id = %(tenant_id)s AND order_id = ANY(%(order_ids)s::uuid[])

-- name: delete_tags
DELETE FROM order_tag WHERE tenant_id = %(tenant_id)s AND order_id = ANY(%(order_ids)s::uuid[])

-- name: delete_attributes
DELETE FROM order_attribute WHERE tenant_id = %(tenant_id)s AND order_id = ANY(%(order_ids)s::uuid[])

-- name: erase_holds
UPDATE order_hold
SET reason = %(erased)s, lift_reason = CASE WHEN lift_reason IS NULL THEN NULL ELSE %(erased)s END
WHERE tenant_id = %(tenant_id)s AND order_id = ANY(%(order_ids)s::uuid[])

-- name: erase_price_reasons
UPDATE order_line SET price_reason = %(erased)s
WHERE tenant_id = %(tenant_id)s AND order_id = ANY(%(order_ids)s::uuid[]) AND price_reason IS NOT NULL

-- name: erase_said_elsewhere
-- What another system was told of a piece may be anything; what a formula asked for are measures, and prices need them:
-- of texts, how long they are.
UPDATE order_line SET attributes = NULL
WHERE tenant_id = %(tenant_id)s AND order_id = ANY(%(order_ids)s::uuid[])
    AND COALESCE(placed_source, price_source) = 'as_sold' AND attributes IS NOT NULL

-- name: erase_texts
UPDATE order_line l SET attributes = u.attributes::jsonb, placed_attributes = u.placed_attributes::jsonb
FROM unnest(%(line_ids)s::uuid[], %(attributes)s::text[], %(placed_attributes)s::text[])
    AS u (line_id, attributes, placed_attributes)
WHERE l.tenant_id = %(tenant_id)s AND l.line_id = u.line_id

-- name: erase_decisions
-- Reasons for prices in somebody's words, and how far it was to the customer.
UPDATE order_decision SET data = '{}'::jsonb
WHERE tenant_id = %(tenant_id)s AND order_id = ANY(%(order_ids)s::uuid[])

-- name: delete_look_ups
DELETE FROM order_look_up WHERE tenant_id = %(tenant_id)s AND order_id = ANY(%(order_ids)s::uuid[])

-- name: delete_drafts
DELETE FROM order_draft
WHERE tenant_id = %(tenant_id)s AND order_id = ANY(%(order_ids)s::uuid[])
RETURNING draft_id

-- name: discard_drafts
DELETE FROM order_draft
WHERE tenant_id = %(tenant_id)s AND draft_id = ANY(%(draft_ids)s::uuid[]) AND order_id IS NULL
RETURNING draft_id

-- name: remove_views
DELETE FROM saved_view
WHERE tenant_id = %(tenant_id)s AND view_id = ANY(%(view_ids)s::uuid[])
RETURNING view_id, list_name
