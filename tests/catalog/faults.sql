-- What breaks each invariant, by the name of its check in verify.sql; `check__way` where there are several ways.

-- name: i05_only_kits_are_made_of_parts
UPDATE product SET kind = 'goods' WHERE tenant_id = %(tenant)s AND kind = 'kit'

-- name: i16_every_edit_of_a_product_has_its_event
UPDATE product SET version = version + 1 WHERE tenant_id = %(tenant)s AND code = 'A'

-- name: i05_what_may_be_sold_is_what_the_product_says
UPDATE sku SET may_be_sold = NOT may_be_sold WHERE tenant_id = %(tenant)s AND code = 'K'

-- name: i05_what_may_be_sold_is_what_the_product_says__part
UPDATE product SET status = 'archived' WHERE tenant_id = %(tenant)s AND code = 'A'

-- name: i05_traits_are_what_the_product_says
DELETE FROM product_trait WHERE tenant_id = %(tenant)s AND trait = 'tag:green'

-- name: i05_traits_are_what_the_product_says__brand
UPDATE product SET brand = 'Acme' WHERE tenant_id = %(tenant)s AND code = 'A'

-- name: i05_traits_are_what_the_product_says__gone
UPDATE product SET brand = '', tags = '{}' WHERE tenant_id = %(tenant)s AND code = 'A'

-- name: i16_every_edit_of_a_product_has_its_event__of_a_sku
UPDATE sku SET version = version + 5 WHERE tenant_id = %(tenant)s AND code = 'A'

-- name: i16_every_category_has_its_events__created
DELETE FROM event_log WHERE tenant_id = %(tenant)s AND kind = 'catalog.category_created'

-- name: i16_every_category_has_its_events__changed
UPDATE category SET version = version + 1 WHERE tenant_id = %(tenant)s

-- name: i18_what_belongs_to_a_product_has_one__sku
UPDATE sku SET product_id = sku_id WHERE tenant_id = %(tenant)s

-- name: i18_what_belongs_to_a_product_has_one__option
UPDATE product_option SET product_id = %(tenant)s WHERE tenant_id = %(tenant)s

-- name: i18_what_belongs_to_a_product_has_one__trait
UPDATE product_trait SET product_id = %(tenant)s WHERE tenant_id = %(tenant)s AND trait = 'tag:green'

-- name: i18_what_belongs_to_a_product_has_one__image
INSERT INTO product_image (
    tenant_id, image_id, product_id, position, storage_key, media_type, width_px, height_px, size_bytes, alt_text,
    created_at
)
VALUES (%(tenant)s, %(tenant)s, %(tenant)s, 0, 'x', 'image/png', 1, 1, 1, '', '2026-11-21')

-- name: i18_what_belongs_to_a_product_has_one__term
INSERT INTO sku_term (tenant_id, term, sku_id, product_id)
SELECT tenant_id, 'tea', sku_id, %(tenant)s FROM sku WHERE tenant_id = %(tenant)s

-- name: i18_what_belongs_to_a_sku_has_one__component
UPDATE sku_component SET component_id = %(tenant)s WHERE tenant_id = %(tenant)s

-- name: i18_what_belongs_to_a_sku_has_one__kit
UPDATE sku_component SET sku_id = %(tenant)s WHERE tenant_id = %(tenant)s

-- name: i18_what_belongs_to_a_sku_has_one__price
UPDATE sku_price SET sku_id = %(tenant)s
WHERE tenant_id = %(tenant)s AND sku_id = (SELECT s.sku_id FROM sku s WHERE s.tenant_id = %(tenant)s AND s.code = 'A')

-- name: i18_what_belongs_to_a_sku_has_one__barcode
INSERT INTO sku_barcode (tenant_id, barcode, sku_id, quantity, is_main)
VALUES (%(tenant)s, '96385074', %(tenant)s, 1, true)

-- name: i18_what_belongs_to_a_sku_has_one__image
INSERT INTO product_image (
    tenant_id, image_id, product_id, sku_id, position, storage_key, media_type, width_px, height_px, size_bytes,
    alt_text, created_at
)
SELECT tenant_id, %(tenant)s, product_id, %(tenant)s, 0, 'x', 'image/png', 1, 1, 1, '', '2026-11-21'
FROM product WHERE tenant_id = %(tenant)s AND code = 'A'

-- name: i18_what_belongs_to_a_sku_has_one__term
INSERT INTO sku_term (tenant_id, term, sku_id, product_id)
SELECT tenant_id, 'tea', %(tenant)s, product_id FROM product WHERE tenant_id = %(tenant)s AND code = 'A'

-- name: i18_copies_are_of_a_picture_that_has_been_rendered
INSERT INTO image_rendition (tenant_id, image_id, edge_px, storage_key, media_type, width_px, height_px, size_bytes)
VALUES (%(tenant)s, %(tenant)s, 160, 'x', 'image/webp', 1, 1, 1)

-- name: i18_copies_are_of_a_picture_that_has_been_rendered__not_yet
UPDATE product_image SET rendered_at = NULL WHERE tenant_id = %(tenant)s

-- name: i18_copies_are_of_a_picture_that_has_been_rendered__no_smaller
UPDATE product_image SET width_px = 160 WHERE tenant_id = %(tenant)s

-- name: i18_what_is_in_a_category_has_one__product
UPDATE product SET category_id = %(tenant)s WHERE tenant_id = %(tenant)s

-- name: i18_what_is_in_a_category_has_one__category
UPDATE category SET parent_id = %(tenant)s WHERE tenant_id = %(tenant)s
