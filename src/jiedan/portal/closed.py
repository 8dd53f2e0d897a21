"""The page of a closed shop, for who holds a link that was mailed while it was open.

Everybody else is told that there is nothing: whether a merchant has a shop is nobody's business while it is closed.
"""

from litestar import Response

from jiedan.accounts import queries as accounts
from jiedan.accounts.service import secret_hash
from jiedan.base import directory
from jiedan.base.db import Scope
from jiedan.base.events import Actor
from jiedan.base.web import pages
from jiedan.base.web.errors import NoSuchPage
from jiedan.base.web.shopfront import Shopfront
from jiedan.base.web.unit import Unit
from jiedan.customers import errors, queries
from jiedan.portal import visitor

STATUS = 404
"""As of every other page of the shop, until it opens."""


async def page(unit: Unit, slug: str, *, secret: str) -> Response[str]:
    """Say that the shop is closed, and how its merchant can be reached. Raises NoSuchPage unless the link is good."""
    database = unit.runtime.database
    tenant = await directory.tenant_by_slug(database, slug)
    if tenant is None:
        raise NoSuchPage
    async with database.read(Scope(tenant, Actor("guest", "visitor"), unit.request_id)) as tx:
        settings, storefront = await tx.load(accounts.settings(), accounts.storefront())
        try:
            await queries.link(tx, secret_hash=secret_hash(secret))
        except errors.LinkNotValid as error:
            raise NoSuchPage from error
    visitor.choose_language(unit.exchange, settings)
    contacts = visitor.contacts(storefront)
    unit.exchange.shopfront = shop = Shopfront(
        name=settings.name,
        home="",
        hue=settings.accent_hue,
        links=tuple(contacts),
        locales=tuple(settings.locales),
    )
    answer = pages.render(unit, "portal/closed.html", status=STATUS, shop=shop, contacts=contacts)
    answer.headers["referrer-policy"] = "no-referrer"  # the address holds the secret
    return answer
