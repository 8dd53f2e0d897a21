"""REST of the catalog."""

from jiedan.base.web import routing
from jiedan.catalog.api import categories, images, products, skus

ROUTER = routing.api("Catalog", [*products.HANDLERS, *skus.HANDLERS, *categories.HANDLERS, *images.HANDLERS])
