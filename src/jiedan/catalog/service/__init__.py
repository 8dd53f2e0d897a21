"""What can be done to the catalog, one use case per file or few that belong together."""

from jiedan.catalog.service.categories import create_category, edit_category, remove_category
from jiedan.catalog.service.images import (
    IMAGES_PER_PRODUCT_MAX,
    add_image,
    arrange_images,
    describe_image,
    remove_image,
    sweep_images,
)
from jiedan.catalog.service.products import (
    PRODUCTS_PER_BATCH_MAX,
    edit_sku,
    generate_variants,
    index_products,
    price_skus,
    save_product,
    upsert_products,
)
from jiedan.catalog.service.rendering import record_renditions, render_images
from jiedan.catalog.service.uploading import take_in_image
from jiedan.catalog.storage import ImageStorage, key_of
from jiedan.catalog.storage.folder import FolderStorage
from jiedan.catalog.storage.keeping import keep_copies
from jiedan.catalog.storage.pictures import copies_aside, reencoded_aside

__all__ = [
    "IMAGES_PER_PRODUCT_MAX",
    "PRODUCTS_PER_BATCH_MAX",
    "FolderStorage",
    "ImageStorage",
    "add_image",
    "arrange_images",
    "copies_aside",
    "create_category",
    "describe_image",
    "edit_category",
    "edit_sku",
    "generate_variants",
    "index_products",
    "keep_copies",
    "key_of",
    "price_skus",
    "record_renditions",
    "reencoded_aside",
    "remove_category",
    "remove_image",
    "render_images",
    "save_product",
    "sweep_images",
    "take_in_image",
    "upsert_products",
]
