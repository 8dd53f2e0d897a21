"""Every page there is, for the gates: those of the routes of the whole application, and their states in `MORE`.

Routes are found by themselves, and what their addresses name comes from the merchant of `tests/api/worlds.py`. Add to
`MORE` what a query or a field changes a lot; add to `NO_PAGES` what is asked for by GET and is no page.
"""

import contextlib

from litestar.routes import HTTPRoute

from jiedan.base.web import guide
from tests.api.worlds import World
from tests.base import web_client

MORE: tuple[str, ...] = (
    "/c/{slug}/home?days=7",
    "/c/{slug}/home?days=30",
    "/c/{slug}/orders?payment=pending&q=tea",
    "/c/{slug}/orders?q=nothing-like-that",
    "/c/{slug}/nowhere",
    "/c/{slug}/payments?state=captured&state=open&currency=CNY&amount_min=1",
    "/c/{slug}/payments?q=nothing-like-that",
    "/c/{slug}/prices/calendar?month=now",
    "/c/{slug}/prices/rules/formulas/new",
    "/c/{slug}/prices/rules/shipping-methods/new",
    "/c/{slug}/prices/try?sku=TEA&quantity=2&price=9",
    "/s/{slug}/nowhere",
    "/s/{slug}/orders/{order_id}?ticket={ticket}",
    "/s/{slug}/orders/{order_id}/cancel?ticket={ticket}",
    "/s/{slug}/orders/{order_id}/edit?ticket={ticket}",
    "/sign-in?next=/c/{slug}/orders",
    *guide.ADDRESSES,
)

NO_PAGES: tuple[str, ...] = (
    *("/api/v1/", "/api/openapi", "/api/docs/", "/static/", "/maps/", "/metrics", "/livez", "/readyz", "/in/"),
    *("/sw.js", "/manifest.webmanifest", "/live", "/images/", "/logo", "}/file", "robots.txt", "sitemap.xml"),
    *("/tax-certificates/", ".pdf", ".csv", ".xlsx", "{digest", "{chapter"),
    "/s/{slug:str}/orders/{order_id",
    *("/skus/search", "/customers/search", "/data.json", "/passkey.json", "/certificate"),
)
"""Parts of paths that answer no page: data, files, streams, probes; and an order's without its link."""

ENTRANCES = ("/", "/c/{slug}", "/join", "/c/{slug}/join")
"""They only lead on, or need the secret of a link."""


def addresses(client: web_client.Client, world: World) -> list[str]:
    """Return the address of every page, in the order of their paths."""
    app: object = client.frame.app
    paths = {
        route.path
        for route in getattr(app, "routes", ())
        if isinstance(route, HTTPRoute)
        and "GET" in route.methods
        and not any(part in route.path for part in NO_PAGES)
        and route.path.replace(":str", "") not in ENTRANCES
    }
    found = []
    for path in (*sorted(paths), *MORE):
        with contextlib.suppress(LookupError):  # tests/api refuses a parameter that the merchant has nothing for
            found.append(world.address(path))
    return found
