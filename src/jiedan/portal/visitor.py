"""Who has come to which shop: the merchant, the visitor's cart, and what they chose.

A visitor gets a secret when they first put something into the cart, not before: pages that were only looked at leave no
trace. A customer who is signed in has their cart by who they are (`customer_id`). Their session has a cookie of its own
in each shop, which opens nothing but that: no console, no other shop.
"""

import contextlib
import dataclasses
import hashlib
import hmac
import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar
from urllib.parse import quote, unquote, urlsplit
from uuid import UUID

from jiedan.accounts import queries as accounts
from jiedan.accounts import service as credentials
from jiedan.accounts.values import MerchantSettings, Storefront
from jiedan.base import directory, i18n
from jiedan.base.db import ReadTx, Scope, Tx
from jiedan.base.events import Actor
from jiedan.base.i18n import N_
from jiedan.base.ids import TenantId
from jiedan.base.web import auth, sending
from jiedan.base.web.errors import NoSuchPage, TooManyRequests
from jiedan.base.web.exchange import LANGUAGE_COOKIE, Exchange
from jiedan.base.web.shopfront import Shopfront
from jiedan.base.web.unit import Unit
from jiedan.carts import queries as carts
from jiedan.carts.values import KEPT, CartId
from jiedan.catalog import queries as catalog
from jiedan.catalog.values import Category
from jiedan.customers import queries as people
from jiedan.customers import rules as customers
from jiedan.customers import service as entrance
from jiedan.customers.values import CustomerId, Holder
from jiedan.orders.rules import tickets
from jiedan.sourcing import queries as sourcing
from jiedan.sourcing.values import Point

T = TypeVar("T")

CART_COOKIE = "jd_cart"
SESSION_COOKIE = "jd_customer"
CURRENCY_COOKIE = "jd_currency"
PLACE_COOKIE = "jd_place"
CHOICE_AGE_S_MAX = 365 * 24 * 3600
TOKEN_CHARACTERS_MAX = 64
POSTAL_CODE_CHARACTERS_MAX = 16
PLACES_ABOVE_MAX = 6
"""Categories that stand in the head of every page."""


@dataclasses.dataclass(frozen=True)
class Place:
    """Where a visitor is, as far as they said."""

    country: str
    postal_code: str


@dataclasses.dataclass(frozen=True)
class Visitor:
    """Who has come, to which shop. `base` is what stands before each path of it; empty at the merchant's own host."""

    tenant: TenantId
    slug: str
    base: str
    settings: MerchantSettings
    storefront: Storefront
    categories: tuple[Category, ...]
    token: str
    holder: Holder | None
    """The session of the customer who is signed in, None for a guest."""
    cart_id: CartId | None
    in_cart: int
    currency: str
    place: Place | None
    request_id: str

    @property
    def customer_id(self) -> CustomerId | None:
        """Who is signed in: the customer whose orders, addresses and cart these are; None for a guest."""
        return self.holder.customer_id if self.holder is not None else None

    @property
    def holder_hash(self) -> bytes | None:
        """What stands on the cart of whoever holds this visitor's secret; None while they have none."""
        return hash_of(self.token) if self.token else None

    @property
    def scope(self) -> Scope:
        """On whose behalf transactions run: the customer's, or a guest's who is known by their cart."""
        if self.customer_id is not None:
            actor = Actor("customer", str(self.customer_id))
        else:
            actor = Actor("guest", hash_of(self.token).hex()[:16] if self.token else "visitor")
        return Scope(self.tenant, actor, self.request_id)

    def at(self, path: str) -> str:
        """Return the address of a path of the shop."""
        return f"{self.base}{path}"


def hash_of(token: str) -> bytes:
    """Return what is stored of a visitor's secret."""
    return hashlib.sha256(token.encode()).digest()


@contextlib.asynccontextmanager
async def entered(unit: Unit, slug: str) -> AsyncIterator[tuple[ReadTx, Visitor]]:
    """Let a visitor into the shop of the merchant `slug`: a transaction to read in, and who they are.

    Four statements beside the directory's, one more where somebody may be signed in. Raises NoSuchPage where there is
    no shop, or a closed one.
    """
    database = unit.runtime.database
    tenant = await directory.tenant_by_slug(database, slug)
    if tenant is None:
        raise NoSuchPage
    token = _cookie(unit, CART_COOKIE)[:TOKEN_CHARACTERS_MAX]
    async with database.read(Scope(tenant, Actor("guest", "visitor"), unit.request_id)) as tx:
        holder = await _holder(unit, tx, slug)
        settings, storefront, cart = await tx.load(
            accounts.settings(),
            accounts.storefront(),
            carts.open_cart(
                holder_hash=hash_of(token) if token else None,
                customer_id=holder.customer_id if holder is not None else None,
            ),
        )
        if not storefront.is_open:
            raise NoSuchPage
        currency = _cookie(unit, CURRENCY_COOKIE)
        visitor = Visitor(
            tenant=tenant,
            slug=slug,
            base="" if unit.exchange.asked_path is not None else f"/s/{slug}",
            settings=settings,
            storefront=storefront,
            categories=tuple(await catalog.categories(tx)),
            token=token,
            holder=holder,
            cart_id=cart.cart_id,
            in_cart=cart.units,
            currency=currency if currency in settings.currencies else settings.currency,
            place=_place(unit, settings),
            request_id=unit.request_id,
        )
        _speak(unit, visitor)
        yield tx, visitor
    if holder is not None and tx.now - holder.last_seen_at >= customers.SESSION_SEEN_EVERY:
        session_id = holder.session_id
        await database.write(visitor.scope, lambda writing: entrance.note_seen(writing, session_id=session_id))


async def enter(unit: Unit, slug: str) -> None:
    """Let a visitor in who reads what went wrong in the shop. Raises NoSuchPage where it is closed, or none is."""
    async with entered(unit, slug):
        pass


def session_cookie(unit: Unit, slug: str) -> str:
    """Return the name of the cookie that holds a customer's session in a shop; each shop of a host has its own."""
    return unit.exchange.site.cookie_name(f"{SESSION_COOKIE}_{slug}")


def session_secret(unit: Unit, tenant: TenantId, slug: str) -> str | None:
    """Return the secret of the session cookie that came for a shop, whatever it is worth."""
    credential = auth.parse_session(unit.exchange.cookies.get(session_cookie(unit, slug), ""))
    return credential.secret if credential is not None and credential.tenant == tenant else None


async def write(unit: Unit, scope: Scope, work: Callable[[Tx], Awaitable[T]]) -> T:
    """Run `work` in one transaction on somebody's behalf; what a form asks for is done once.

    Raises FormAlreadySent when it came before.
    """
    return await sending.write(unit.runtime.database, scope, unit.request, work)


async def save(unit: Unit, scope: Scope, work: Callable[[Tx], Awaitable[object]]) -> None:
    """Run `work` in one transaction on somebody's behalf, unless the form came before: then it stands there already."""
    with contextlib.suppress(sending.FormAlreadySent):
        await write(unit, scope, work)


def with_token(unit: Unit, visitor: Visitor) -> Visitor:
    """Return the visitor with a secret, a new one where they had none; it is kept as long as a cart.

    It is made of what the browser has already for its forms: who never heard the answer and sends the form again has
    the same cart, not a second one.
    """
    token = visitor.token or _cart_secret(unit, visitor.tenant)
    age_s = int(KEPT.total_seconds())
    unit.exchange.set_cookie(unit.exchange.site.cookie_name(CART_COOKIE), token, max_age_s=age_s)
    return dataclasses.replace(visitor, token=token)


async def form_key(unit: Unit) -> str:
    """Return a key that is the same when a form is sent again: what it begins outside is begun once."""
    sent = await sending.begun(unit.request)
    return f"form-{unit.own_id if sent is None else sent.key}"


def choose_currency(unit: Unit, visitor: Visitor, currency: str) -> None:
    """Keep the currency a visitor chose, where the merchant accepts it."""
    if currency in visitor.settings.currencies:
        name = unit.exchange.site.cookie_name(CURRENCY_COOKIE)
        unit.exchange.set_cookie(name, currency, max_age_s=CHOICE_AGE_S_MAX)


def choose_place(unit: Unit, country: str, postal_code: str) -> None:
    """Keep where a visitor said they are; an empty postal code is forgotten."""
    name = unit.exchange.site.cookie_name(PLACE_COOKIE)
    code = sourcing.normalize_postal_code(postal_code)[:POSTAL_CODE_CHARACTERS_MAX]
    known = customers.country_rules(country) is not None
    text = quote(f"{country}:{code}", safe="") if code and known else ""
    unit.exchange.set_cookie(name, text, max_age_s=CHOICE_AGE_S_MAX if text else 0)


async def point_of(tx: ReadTx, place: Place | None) -> Point | None:
    """Return where a place lies, as far as the merchant's table of postal areas tells."""
    if place is None:
        return None
    found = await tx.load_one(sourcing.places([(place.country, place.postal_code)]))
    return found.find(place.country, place.postal_code)


def origin_of(unit: Unit) -> str:
    """Return scheme and host of the shop, as the world outside reaches it: the merchant's own host, or Jiedan's."""
    call = unit.exchange
    own = unit.runtime.settings.base_url()
    if call.asked_path is None:
        return own
    return f"{urlsplit(own).scheme}://{call.header(b'host')}"  # the frame has looked the host up


def ticket_address(unit: Unit, visitor: Visitor, order_id: UUID) -> str:
    """Return the secret address of an order of the shop."""
    ticket = tickets.ticket_of(unit.runtime.settings.signing_secret(), visitor.tenant, order_id)
    return visitor.at(f"/placed/{ticket}")


def order_address(unit: Unit, visitor: Visitor, order_id: UUID) -> str:
    """Return the secret address of an order's own page, where its way is followed and it may be canceled."""
    ticket = tickets.ticket_of(unit.runtime.settings.signing_secret(), visitor.tenant, order_id)
    return visitor.at(f"/orders/{order_id}?ticket={ticket}")


def slow_down(unit: Unit) -> None:
    """Count something dear, like an order, a payment, a cancellation. Raises TooManyRequests after too many."""
    wait_s = unit.exchange.site.limits.checkouts.take(unit.network, time.monotonic())
    if wait_s:
        raise TooManyRequests(retry_after_s=math.ceil(wait_s))


async def _holder(unit: Unit, tx: ReadTx, slug: str) -> Holder | None:
    """Return who is signed in, as long as the session lasts."""
    secret = session_secret(unit, tx.tenant, slug)
    if secret is None:
        return None
    found = await tx.load_one(people.holder(credentials.secret_hash(secret)))
    if found is None:
        return None
    ends_at = customers.session_ends(last_seen_at=found.last_seen_at, expires_at=found.expires_at)
    return found if ends_at > tx.now else None


def _cart_secret(unit: Unit, tenant: TenantId) -> str:
    key = hashlib.sha256(b"cart:" + unit.runtime.settings.signing_secret().encode()).digest()
    return hmac.digest(key, tenant.bytes + unit.exchange.holder.encode(), "sha256").hex()


def _cookie(unit: Unit, name: str) -> str:
    return unit.exchange.cookies.get(unit.exchange.site.cookie_name(name), "")


def _place(unit: Unit, settings: MerchantSettings) -> Place | None:
    country, _, code = unquote(_cookie(unit, PLACE_COOKIE)).partition(":")
    code = sourcing.normalize_postal_code(code)[:POSTAL_CODE_CHARACTERS_MAX]
    if not code or customers.country_rules(country or settings.country) is None:
        return None
    return Place(country or settings.country, code)


def _speak(unit: Unit, visitor: Visitor) -> None:
    """Answer in the language the visitor chose if the merchant offers it, else in the merchant's; frame the page.

    What was chosen in this browser goes before what a customer's account says, and that before what the browser speaks.
    """
    call = unit.exchange
    kept = i18n.match(visitor.holder.locale) if visitor.holder is not None and visitor.holder.locale else None
    locale = choose_language(call, visitor.settings, kept=kept)
    above = [c for c in visitor.categories if c.parent_id is None][:PLACES_ABOVE_MAX]
    links = [(i18n.gettext(locale, N_("Terms of sale")), visitor.at("/terms"))] if visitor.storefront.terms else []
    links += contacts(visitor.storefront)
    call.shopfront = Shopfront(
        name=visitor.settings.name,
        home=visitor.at("/"),
        logo=visitor.at(f"/logo?v={visitor.storefront.version}") if visitor.storefront.has_logo else "",
        hue=visitor.settings.accent_hue,
        places=tuple((c.name, visitor.at(f"/categories/{c.category_id}")) for c in above),
        search=visitor.at("/search"),
        account=visitor.at("/account" if visitor.holder is not None else "/account/sign-in"),
        cart=visitor.at("/cart"),
        in_cart=visitor.in_cart,
        locales=tuple(visitor.settings.locales),
        currency=visitor.currency,
        currencies=visitor.settings.currencies,
        choose_currency=visitor.at("/currency"),
        links=tuple(links),
    )


def choose_language(call: Exchange, settings: MerchantSettings, *, kept: str | None = None) -> str:
    """Let a page be in the language chosen in this browser, `kept` or the browser's own, if the merchant offers it.

    Return it.
    """
    wishes = (i18n.match(call.cookies.get(LANGUAGE_COOKIE, "")), kept, call.locale)
    locale = next((wish for wish in wishes if wish in settings.locales), settings.locale)
    call.spoken, call.time_zone = locale, settings.time_zone
    return locale


def contacts(storefront: Storefront) -> list[tuple[str, str]]:
    """Return how a merchant can be reached: pairs of a text and an address."""
    found = []
    if storefront.contact_email:
        found.append((storefront.contact_email, f"mailto:{storefront.contact_email}"))
    if storefront.contact_phone:
        found.append((storefront.contact_phone, f"tel:{''.join(storefront.contact_phone.split())}"))
    return found
