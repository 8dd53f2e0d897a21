-- What breaks each invariant, by the name of its check in verify.sql; `check__way` where there are several ways.

-- name: i16_every_change_of_the_price_rules_has_its_event
UPDATE price_rule_set SET version = version + 1 WHERE tenant_id = %(tenant)s

-- name: i02_books_are_numbered_without_a_gap
UPDATE price_book SET version = version + 5 WHERE tenant_id = %(tenant)s AND version = 2

-- name: i02_books_are_numbered_without_a_gap__with_none
DELETE FROM price_book WHERE tenant_id = %(tenant)s

-- name: i05_no_book_begins_before_an_older_one
UPDATE price_book SET begins_at = published_at + interval '1 day' WHERE tenant_id = %(tenant)s AND version = 1

-- name: i05_books_name_each_rule_once
UPDATE price_book SET document = jsonb_set(document, '{promotions}', '[{"id": "a"}, {"id": "a"}]')
WHERE tenant_id = %(tenant)s AND version = 2

-- name: i05_books_name_each_rule_once__without_a_name
UPDATE price_book SET document = jsonb_set(document, '{price_lists}', '[{}]') WHERE tenant_id = %(tenant)s

-- name: i05_only_what_has_not_begun_is_taken_back
INSERT INTO price_book_withdrawal (tenant_id, version, withdrawn_at, actor_kind, actor_id)
SELECT tenant_id, version, published_at, 'system', 'fault' FROM price_book
WHERE tenant_id = %(tenant)s AND version = 2

-- name: i16_price_rules_that_were_taken_back_were_told
INSERT INTO price_rule_removal (tenant_id, removal_id, before, after, removed_at, actor_kind, actor_id, restored_at)
SELECT t.tenant_id, t.tenant_id, '[]', '[]', now(), 'system', 'fault', now()
FROM tenant t WHERE t.tenant_id = %(tenant)s

-- name: i18_prices_of_lists_have_their_list
WITH made AS (
    INSERT INTO product (
        tenant_id, product_id, code, name, description, kind, status, tax_class, version, created_at, updated_at
    ) VALUES (%(tenant)s, %(tenant)s, 'A', 'A', '', 'goods', 'active', 'standard', 1, now(), now())
    RETURNING tenant_id, product_id
), sold AS (
    INSERT INTO sku (
        tenant_id, sku_id, product_id, code, option_values, is_active, may_be_sold, position, version, created_at,
        updated_at
    )
    SELECT tenant_id, product_id, product_id, 'A', '{}', true, true, 0, 1, now(), now() FROM made
    RETURNING tenant_id, sku_id
)
INSERT INTO price_list_entry (tenant_id, sku_id, list_code, currency, mode, min_quantities, units_minor)
SELECT tenant_id, sku_id, 'gone', 'CNY', 'volume', '{1}', '{100}' FROM sold

-- name: i04_batches_have_the_codes_that_they_say
UPDATE coupon_batch SET made = made + 1, size = size + 1 WHERE tenant_id = %(tenant)s

-- name: i04_batches_have_the_codes_that_they_say__codes_without_a_batch
UPDATE coupon SET batch_id = gen_random_uuid() WHERE tenant_id = %(tenant)s

-- name: i14_an_order_uses_a_promotion_once
INSERT INTO redemption
SELECT tenant_id, gen_random_uuid(), order_id, promotion, coupon_id, customer_id, units, currency, discount_minor,
    redeemed_at, given_back_at
FROM redemption WHERE tenant_id = %(tenant)s AND given_back_at IS NULL

-- name: i15_counters_are_their_live_redemptions
UPDATE promotion_use SET used = used + 1 WHERE tenant_id = %(tenant)s AND scope = 'coupon_customer'

-- name: i15_counters_are_their_live_redemptions__without_a_counter
DELETE FROM promotion_use WHERE tenant_id = %(tenant)s AND scope = 'batch'

-- name: i15_counters_are_their_live_redemptions__given_back_without_it
UPDATE redemption SET given_back_at = redeemed_at WHERE tenant_id = %(tenant)s AND given_back_at IS NULL

-- name: i15_no_counter_is_above_its_cap
UPDATE promotion_use SET cap = used - 1 WHERE tenant_id = %(tenant)s AND scope = 'promotion'

-- name: i15_no_counter_is_above_its_cap__below_nothing
UPDATE promotion_use SET used = -1 WHERE tenant_id = %(tenant)s AND scope = 'units'

-- name: i15_no_code_is_used_more_often_than_its_batch_says
INSERT INTO redemption
SELECT tenant_id, gen_random_uuid(), gen_random_uuid(), promotion, coupon_id, NULL, units, currency, discount_minor,
    redeemed_at, given_back_at
FROM redemption WHERE tenant_id = %(tenant)s AND coupon_id IS NOT NULL

-- name: i15_no_code_is_used_more_often_than_its_batch_says__of_one_customer
UPDATE coupon_batch SET uses_max = NULL, uses_per_customer_max = 0 WHERE tenant_id = %(tenant)s

-- name: i16_every_use_of_a_promotion_has_its_event
UPDATE redemption SET given_back_at = redeemed_at WHERE tenant_id = %(tenant)s AND given_back_at IS NULL

-- name: i16_every_edit_of_a_batch_has_its_event
UPDATE coupon_batch SET version = version + 1 WHERE tenant_id = %(tenant)s

-- name: i16_every_code_is_told_by_its_batch
UPDATE coupon_batch SET made = made - 1 WHERE tenant_id = %(tenant)s

-- name: i18_coupons_and_redemptions_belong_to_things_of_the_same_merchant
UPDATE coupon SET batch_id = gen_random_uuid() WHERE tenant_id = %(tenant)s

-- name: i18_coupons_and_redemptions_belong_to_things_of_the_same_merchant__redemption_of_no_code
UPDATE redemption SET coupon_id = gen_random_uuid() WHERE tenant_id = %(tenant)s AND coupon_id IS NOT NULL

-- name: i18_coupons_and_redemptions_belong_to_things_of_the_same_merchant__redemption_by_nobody
UPDATE redemption SET customer_id = gen_random_uuid() WHERE tenant_id = %(tenant)s AND customer_id IS NOT NULL

-- name: i18_coupons_and_redemptions_belong_to_things_of_the_same_merchant__customer_of_coupons_for_everybody
INSERT INTO coupon_customer (tenant_id, batch_id, customer_id, named_at)
SELECT b.tenant_id, b.batch_id, c.customer_id, now()
FROM coupon_batch b JOIN customer c ON c.tenant_id = b.tenant_id
WHERE b.tenant_id = %(tenant)s
