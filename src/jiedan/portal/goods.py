"""Pictures of goods, the merchant's logo and terms, and what machines that search should know."""

from typing import Annotated
from uuid import UUID

from litestar import MediaType, Response, get
from litestar.params import Parameter

from jiedan.accounts import queries as accounts
from jiedan.base.web.errors import NoSuchPage
from jiedan.base.web.unit import Unit
from jiedan.catalog import errors, service
from jiedan.catalog import queries as catalog
from jiedan.catalog.rules import sources
from jiedan.portal import shown, visitor

FOR_A_DAY = "public, max-age=86400"
"""A picture never changes under its id, but its product may be hidden."""

FOR_A_YEAR = "public, max-age=31536000, immutable"
"""A smaller copy does not change either: whoever asks for it again has seen it in a list before."""

FOR_A_MINUTE = "public, max-age=60"
"""The picture stands in for a copy that is still to be made."""

Edge = Annotated[int | None, Parameter(ge=1, le=10_000)]

FOR_AN_HOUR = "public, max-age=3600"
SITEMAP_PRODUCTS_MAX = 500
KEPT_FROM_MACHINES = (
    "/account", "/cart", "/checkout", "/forgotten", "/link", "/orders", "/placed/", "/register", "/search", "/track",
)  # fmt: skip
"""Beginnings of the addresses of pages that are somebody's own, or without end."""


@get("/images/{image_id:uuid}", media_type="image/*")
async def image(unit: Unit, slug: str, image_id: UUID, edge: Edge = None) -> Response[bytes]:
    """Answer a picture of a product that is sold, or its smaller copy with that `edge`; without one, the picture."""
    async with visitor.entered(unit, slug) as (tx, _):
        found = sources.stored(await catalog.shown_image(tx, image_id=image_id), edge)
    content = await unit.part(service.FolderStorage).get(found.storage_key)
    if content is None:
        raise errors.ImageNotFound
    cache = FOR_A_MINUTE if not found.is_lasting else FOR_A_DAY if edge is None else FOR_A_YEAR
    return Response(content, media_type=found.media_type, headers={"cache-control": cache})


@get("/logo", media_type="image/*")
async def logo(unit: Unit, slug: str) -> Response[bytes]:
    """Answer the merchant's logo; its address has the version, which changes with it."""
    async with visitor.entered(unit, slug) as (tx, _):
        found = await accounts.logo(tx)
    if found is None:
        raise NoSuchPage
    return Response(found.content, media_type=found.media_type, headers={"cache-control": FOR_A_DAY})


@get("/terms")
async def terms(unit: Unit, slug: str) -> Response[str]:
    """Show the terms of sale."""
    async with visitor.entered(unit, slug) as (_, who):
        if not who.storefront.terms:
            raise NoSuchPage
        return shown.render(unit, who, "portal/terms.html", cache=shown.BRIEFLY)


@get("/robots.txt", media_type=MediaType.TEXT)
async def robots(unit: Unit, slug: str) -> Response[str]:
    """Tell machines that search what is not for them, and where the list of pages is."""
    async with visitor.entered(unit, slug) as (_, who):
        kept = "".join(f"Disallow: {who.at(path)}\n" for path in KEPT_FROM_MACHINES)
        text = f"User-agent: *\n{kept}Sitemap: {visitor.origin_of(unit)}{who.at('/sitemap.xml')}\n"
    return Response(text, media_type=MediaType.TEXT, headers={"cache-control": FOR_AN_HOUR})


@get("/sitemap.xml", media_type="application/xml")
async def sitemap(unit: Unit, slug: str) -> Response[str]:
    """List the pages of the shop: its start, its categories, its newest products."""
    async with visitor.entered(unit, slug) as (tx, who):
        shelf = await catalog.shelf(tx, currency=who.settings.currency, limit=SITEMAP_PRODUCTS_MAX)
        paths = ["/", *(f"/categories/{c.category_id}" for c in who.categories)]
        paths += [f"/products/{p.product_id}" for p in shelf.products]
        origin = visitor.origin_of(unit)
        urls = "".join(f"<url><loc>{origin}{who.at(path)}</loc></url>" for path in paths)
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>\n'
    return Response(text, media_type="application/xml", headers={"cache-control": FOR_AN_HOUR})


HANDLERS = (image, logo, terms, robots, sitemap)
