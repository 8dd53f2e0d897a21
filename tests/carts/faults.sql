-- What breaks each invariant, by the name of its check in verify.sql; `check__way` where there are several ways.

-- name: i12_an_ordered_cart_holds_nothing
UPDATE cart SET order_id = %(order)s WHERE tenant_id = %(tenant)s AND cart_id = %(cart)s

-- name: i12_a_cart_holds_no_more_than_is_in_it
UPDATE reservation SET quantity = quantity + 1 WHERE tenant_id = %(tenant)s AND owner_id = %(cart)s

-- name: i12_a_cart_holds_no_more_than_is_in_it__of_a_line_taken_out
DELETE FROM cart_line WHERE tenant_id = %(tenant)s AND cart_id = %(cart)s

-- name: i18_the_order_of_a_cart_is_the_same_merchants
UPDATE cart SET order_id = cart_id WHERE tenant_id = %(tenant)s AND order_id IS NOT NULL
