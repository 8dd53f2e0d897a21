"""What this is, which version, and whose work it ships: names, versions and licenses."""

import importlib.metadata

from litestar import Response, get

from jiedan.base.web import pages, routing
from jiedan.base.web.unit import Unit


@get("/about", public=True)
async def about_page(unit: Unit) -> Response[str]:
    """Show the version, and the notices of what others wrote."""
    notices = unit.exchange.site.assets.notices
    return pages.render(unit, "base/about.html", version=importlib.metadata.version("jiedan"), notices=notices)


ROUTER = routing.root([about_page])
