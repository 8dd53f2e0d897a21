"""Pages of the catalog: the editor of products and variants, SKUs with their prices, pictures, categories."""

from jiedan.base.web import routing
from jiedan.catalog.pages import categories, editor, images, skus

ROUTER = routing.console([*editor.HANDLERS, *skus.HANDLERS, *images.HANDLERS, *categories.HANDLERS])
