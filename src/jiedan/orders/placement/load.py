"""Load: claim the keys, and read all that drafts are decided by, in one round trip; a second one where needed."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import repeat
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from jiedan.accounts.errors import MerchantNotFound
from jiedan.accounts.values import MerchantSettings
from jiedan.base import idempotency, sql
from jiedan.base.db import Load, LockRank, ReadTx, Tx
from jiedan.base.errors import Overtaken
from jiedan.carts import queries as carts
from jiedan.carts.values import Cart, CartId
from jiedan.catalog import queries as catalog
from jiedan.catalog.values import PriceTier, SellableSku, SkuId
from jiedan.customers import queries as customers
from jiedan.customers.values import GroupName
from jiedan.inventory import queries as inventory
from jiedan.inventory.values import STORE_KINDS, Location
from jiedan.orders.rules import askable
from jiedan.orders.rules.planning import Circumstances, Key
from jiedan.orders.values import OPERATION, Draft, NewOrder, OrderId, Placed
from jiedan.pricing import queries as pricing
from jiedan.pricing.queries import redemptions
from jiedan.pricing.rules import gifts
from jiedan.pricing.rules.needs import Needs
from jiedan.pricing.values import SkuPrices, Tier
from jiedan.pricing.values.books import RuleBook
from jiedan.pricing.values.goods import PricedGoods
from jiedan.pricing.values.redemptions import FoundUses
from jiedan.sourcing import queries as sourcing
from jiedan.sourcing.values import Candidate, Point

SQL = sql.load("jiedan.orders.placement", "placement.sql")

RULES = pricing.RULES


Stock = tuple[dict[Key, int], dict[UUID, Candidate]]
"""What may be promised by counter, and the locations that have it."""

_NO_STOCK: Stock = ({}, {})


class Trial(NamedTuple):
    """Rules that were not published, which somebody tries: one book under each id."""

    trial_id: UUID
    book: RuleBook


class Existing(NamedTuple):
    """An order that was placed before, with the fingerprint of its draft where it has an external id."""

    order: Placed
    channel: str
    external_id: str | None
    fingerprint: bytes | None


class _Standing(NamedTuple):
    settings: MerchantSettings
    price_version: int
    alive: frozenset[UUID]


class Arrived(NamedTuple):
    """A batch with its keys claimed and everything read that decides about it."""

    verdicts: list[idempotency.Verdict]
    alive: frozenset[UUID]
    by_id: dict[OrderId, Existing]
    by_external: dict[tuple[str, str], Existing]
    saved: Mapping[UUID, tuple[int, str | None]]
    """Version of each saved draft, and the number of the order that it has become; locked."""

    circumstances: Circumstances
    beside: list[Any]
    """What else was asked for, in order."""


async def arrive(tx: Tx, drafts: Sequence[Draft], claims: Sequence[idempotency.Claim], *beside: Load[Any]) -> Arrived:
    """Claim the drafts' keys and read what decides about them, and what is to be read `beside`.

    Raises Overtaken when a key was given back at this very moment.
    """
    tx.will_lock(LockRank.IDEMPOTENCY)
    bodies = [draft.body for draft in drafts]
    statement, parameters = idempotency.claim_statement(tx, operation=OPERATION, claims=claims)
    loads: dict[str, Load[Any]] = {"claimed": Load(statement, parameters, list)}
    externals = sorted({(body.channel, body.external_id) for body in bodies if body.external_id is not None})
    if externals:
        loads["by_external"] = orders_by_external(externals)
    loads |= _references(bodies, at=tx.now, credential_ids=_credentials(drafts), are_placed=True)
    answers = await tx.load(*loads.values(), *beside)
    found = dict(zip(loads, answers, strict=False))
    verdicts, by_id = await _repeated(tx, claims, found["claimed"])
    saved = await _saved_for_update(tx, {draft.saved.draft_id for draft in drafts if draft.saved is not None})
    cart_ids = _cart_ids(bodies)
    known = await carts.carts_for_update(tx, cart_ids) if cart_ids else {}
    held = await held_by(tx, cart_ids)
    by_external: list[Existing] = found.get("by_external", [])
    return Arrived(
        verdicts=verdicts,
        alive=found["standing"].alive,
        by_id=by_id,
        by_external={(e.channel, e.external_id or ""): e for e in by_external},
        saved=saved,
        circumstances=(await _circumstances(tx, bodies, found))._replace(carts=_open_by_cart(known), held=held),
        beside=answers[len(loads) :],
    )


async def _saved_for_update(tx: Tx, draft_ids: Collection[UUID]) -> Mapping[UUID, tuple[int, str | None]]:
    """Lock saved drafts in key order; no statement without them, another one where some are orders already."""
    if not draft_ids:
        return {}
    tx.will_lock(LockRank.ORDER)
    rows = await tx.sql(SQL["drafts_for_update"], draft_ids=sorted(draft_ids))
    order_ids = [order_id for _, _, order_id in rows if order_id is not None]
    became = await tx.load_one(orders_by_id(order_ids)) if order_ids else []
    numbers = {found.order.order_id: found.order.number for found in became}
    return {draft_id: (version, numbers.get(order_id)) for draft_id, version, order_id in rows}


async def look(
    tx: ReadTx,
    bodies: Sequence[NewOrder],
    *,
    at: datetime | None = None,
    version: int | None = None,
    trial: Trial | None = None,
    moments: Sequence[datetime] = (),
) -> Circumstances:
    """Read what decides about `bodies`, without claiming anything.

    By the rules of the moment `at` where it is given, by those of a `version`, or by a `trial` of others.
    `moments` are those at which the bodies are looked at, one each, where they differ. Raises PriceBookNotFound.
    """
    loads = _references(bodies, at=tx.now)
    if at is not None and version is None and trial is None:
        loads["version"] = pricing.version_then(at=at)
    found = dict(zip(loads, await tx.load(*loads.values()), strict=True))
    if version is not None:
        found["version"] = version
    circumstances = await _circumstances(tx, bodies, found, at=at, trial=trial, moments=moments)
    cart_ids = _cart_ids(bodies)
    if not cart_ids:
        return circumstances
    known = await carts.carts(tx, cart_ids)
    return circumstances._replace(carts=_open_by_cart(known), held=await held_by(tx, cart_ids))


async def held_by(tx: ReadTx, cart_ids: Collection[UUID]) -> Mapping[UUID, Mapping[Key, int]]:
    """Read what carts hold, by cart and counter; no statement without carts."""
    if not cart_ids:
        return {}
    found = await tx.load_one(carts.held_by(cart_ids))
    return {cart_id: {(r.sku_id, r.location_id): r.quantity for r in of} for cart_id, of in found.items()}


def _cart_ids(bodies: Sequence[NewOrder]) -> set[UUID]:
    return {body.cart_id for body in bodies if body.cart_id is not None}


def _open_by_cart(known: Mapping[CartId, Cart]) -> Mapping[UUID, bool]:
    return {cart_id: cart.order_id is None for cart_id, cart in known.items()}


def orders_by_id(order_ids: Sequence[UUID]) -> Load[list[Existing]]:
    """Read the briefs of orders by id."""
    return Load(SQL["orders_by_id"], {"order_ids": sorted(order_ids)}, _existing)


def orders_by_external(externals: Sequence[tuple[str, str]]) -> Load[list[Existing]]:
    """Read the briefs of orders by (channel, external id)."""
    channels, external_ids = [channel for channel, _ in externals], [external_id for _, external_id in externals]
    return Load(SQL["orders_by_external"], {"channels": channels, "external_ids": external_ids}, _existing)


def _references(
    bodies: Sequence[NewOrder], *, at: datetime, credential_ids: Iterable[UUID] = (), are_placed: bool = False
) -> dict[str, Load[Any]]:
    """Return the loads that the bodies need: what none of them mentions costs no statement.

    Customers of orders that are placed are held until they are; a preview only reads.
    """
    codes = {line.sku for body in bodies for line in body.lines}
    loads: dict[str, Load[Any]] = {
        "standing": Load(SQL["standing"], {"credential_ids": sorted(credential_ids), "at": at}, _standing),
        "offers": catalog.offers(codes),
        "stock": Load(SQL["candidates"], {"codes": sorted(codes)}, _stock),
    }
    customer_ids = {body.customer_id for body in bodies if body.customer_id is not None}
    if customer_ids:
        loads["customers"] = (customers.existing_held if are_placed else customers.existing)(customer_ids)
    places = {body.location for body in bodies} | {line.location for body in bodies for line in body.lines}
    if named := {code for code in places if code is not None}:
        loads["locations"] = inventory.locations_by_code(named)
    postal_codes = {
        (body.ship_to.country, body.ship_to.postal_code)
        for body in bodies
        if body.ship_to is not None and body.ship_to.lat is None and body.ship_to.postal_code
    }
    if postal_codes:
        loads["places"] = sourcing.places(postal_codes)
    return loads


async def _circumstances(
    tx: ReadTx,
    bodies: Sequence[NewOrder],
    found: dict[str, Any],
    *,
    at: datetime | None = None,
    trial: Trial | None = None,
    moments: Sequence[datetime] = (),
) -> Circumstances:
    settings, price_version, _ = found["standing"]
    version = found.get("version", price_version)
    included = settings.prices_include_tax
    if trial is None:
        rules = await RULES.current(tx, version=version, prices_include_tax=included)
    else:
        rules = RULES.tried(tx, trial.book, trial_id=trial.trial_id, prices_include_tax=included)
    moment = at or tx.now
    skus, tiers = found["offers"]
    buyers = {customer.customer_id for customer in found.get("customers", {}).values()}
    glances = _glances(bodies, settings, moments or repeat(moment, len(bodies)))
    coupons = {code for body in bodies for code in body.coupons}
    gift_codes = gifts.within_reach(rules.needs.gifts, glances)
    asked = await _asked(tx, skus, buyers, rules.needs, coupons, gift_codes=gift_codes)
    components: dict[SkuId, SellableSku] = asked.get("components", {})
    groups: dict[UUID, list[GroupName]] = asked.get("groups", {})
    given, given_tiers = asked.get("gifts", ({}, {}))
    inside = {part.sku_id for sku in given.values() for part in sku.components}
    if inside:
        parts = await tx.load_one(catalog.skus_by_id(inside))
        components = {**components, **parts}
    wares = await pricing.goods(tx, codes={*skus, *given}) if rules.needs.goods else {}
    stock, candidates = _both(found["stock"], asked.get("gift_stock", _NO_STOCK))
    locations: tuple[Location, ...] = found.get("locations", ())
    known = askable.Known(
        rules.at_home(settings.country),
        _prices({**given, **skus}, {**given_tiers, **tiers}, wares),
        moment,
        moment.astimezone(ZoneInfo(settings.time_zone)),
        components,
        {customer_id: frozenset(group.code for group in of) for customer_id, of in groups.items()},
        asked.get("earlier_orders", {}),
        FoundUses(asked.get("coupons", {}), asked.get("used", {})),
        {code: ware.piece for code, ware in wares.items() if ware.piece is not None},
        given,
        {customer.customer_id: customer for customer in found.get("customers", {}).values()},
    )
    return Circumstances(
        settings=settings,
        prices=known,
        skus=skus,
        components=components,
        customers=found.get("customers", {}),
        locations={x.code: x.location_id for x in locations if x.is_active},
        no_stores={x.code: x.name for x in locations if x.is_active and x.kind not in STORE_KINDS},
        candidates=candidates,
        stock=stock,
        places=found.get("places"),
    )


def _prices(
    skus: Mapping[str, SellableSku],
    tiers: Mapping[tuple[str, str], Sequence[PriceTier]],
    wares: Mapping[str, PricedGoods],
) -> dict[str, SkuPrices]:
    """Return what is known of the prices of SKUs, by code; those of the catalog are of one moment with the SKUs."""
    catalog: dict[str, dict[str, tuple[Tier, ...]]] = {}
    for (code, currency), listed in tiers.items():
        catalog.setdefault(code, {})[currency] = tuple(map(Tier._make, listed))
    return {
        code: wares[code].prices._replace(catalog=catalog.get(code, {}), quantities=sku.quantities)
        if code in wares
        else SkuPrices(frozenset({f"sku:{code}"}), catalog=catalog.get(code, {}), quantities=sku.quantities)
        for code, sku in skus.items()
    }


def _glances(bodies: Sequence[NewOrder], settings: MerchantSettings, at: Iterable[datetime]) -> list[gifts.Glance]:
    return [_glance(body, settings, then) for body, then in zip(bodies, at, strict=True) if body.history is None]


def _glance(body: NewOrder, settings: MerchantSettings, at: datetime) -> gifts.Glance:
    return gifts.Glance(
        frozenset(line.sku for line in body.lines),
        sum([line.quantity for line in body.lines]),
        body.currency or settings.currency,
        body.channel,
        at,
        bool(body.coupons),
        body.customer_id is not None,
    )


async def _asked(
    tx: ReadTx,
    skus: Mapping[str, SellableSku],
    buyers: Collection[UUID],
    needs: Needs,
    codes: Collection[str],
    *,
    gift_codes: Collection[str],
) -> dict[str, Any]:
    """Read what only the first answers and the rules in force make necessary, in one round trip; most often nothing.

    `codes` are coupons, `gift_codes` the SKUs that may be given.
    """
    loads: dict[str, Load[Any]] = {}
    inside = {component.sku_id for sku in skus.values() for component in sku.components}
    if inside:
        loads["components"] = catalog.skus_by_id(inside)
    if buyers and needs.groups:
        loads["groups"] = customers.groups_of(buyers)
    if buyers and needs.earlier_orders:
        loads["earlier_orders"] = _earlier_orders(buyers, needs.earlier_orders)
    if codes:
        loads["coupons"] = redemptions.coupons_by_code(codes)
    if codes or needs.caps:
        loads["used"] = redemptions.used_by(codes=codes, customer_ids=buyers, promotions=needs.caps)
    if gift_codes:
        loads["gifts"] = catalog.offers(gift_codes)
        loads["gift_stock"] = Load(SQL["candidates"], {"codes": sorted(gift_codes)}, _stock)
    return dict(zip(loads, await tx.load(*loads.values()), strict=True)) if loads else {}


def _earlier_orders(customer_ids: Collection[UUID], most: int) -> Load[dict[UUID, int]]:
    """Count orders of customers and their duplicates, but canceled ones, `most` at most; who has none counts 0."""
    parameters = {"customer_ids": sorted(customer_ids), "most": most}
    return Load(SQL["earlier_orders"], parameters, dict)


async def _repeated(
    tx: Tx, claims: Sequence[idempotency.Claim], claimed: list[tuple[Any, ...]]
) -> tuple[list[idempotency.Verdict], dict[OrderId, Existing]]:
    """Return the verdict on each key, and the orders that keys known before led to."""
    existing: idempotency.Rows = ()
    if len(claimed) < len({(claim.caller, claim.key) for claim in claims}):
        fresh = set(claimed)
        known = [claim for claim in claims if (claim.caller, claim.key) not in fresh]
        statement, parameters = idempotency.read_statement(operation=OPERATION, claims=known)
        existing = await tx.sql(statement, **parameters)
    verdicts = idempotency.settle(claims, claimed, existing)
    if verdicts is None:
        raise Overtaken
    wanted = [v.subject_id for v in verdicts if isinstance(v, idempotency.Same) and v.repeats is None]
    found = await tx.load_one(orders_by_id(wanted)) if wanted else []
    return verdicts, {e.order.order_id: e for e in found}


def _credentials(drafts: Sequence[Draft]) -> set[UUID]:
    return {draft.credential_id for draft in drafts if draft.credential_id is not None}


def _standing(rows: list[tuple[Any, ...]]) -> _Standing:
    if not rows:
        raise MerchantNotFound
    *columns, price_version, alive = rows[0]
    settings: Any = (tuple(value) if isinstance(value, list) else value for value in columns)
    return _Standing(MerchantSettings(*settings), price_version, frozenset(alive))


def _both(one: Stock, other: Stock) -> Stock:
    return ({**one[0], **other[0]}, {**one[1], **other[1]}) if other is not _NO_STOCK else one


def _stock(rows: list[tuple[Any, ...]]) -> Stock:
    stock: dict[Key, int] = {}
    candidates: dict[UUID, Candidate] = {}
    for sku_id, location_id, available, code, priority, lat, lon in rows:
        stock[sku_id, location_id] = available
        if location_id not in candidates:
            point = Point(lat, lon) if lat is not None and lon is not None else None
            candidates[location_id] = Candidate(location_id, code, priority, point)
    return stock, candidates


def _existing(rows: list[tuple[Any, ...]]) -> list[Existing]:
    return [Existing(Placed(*row[:12]), *row[12:]) for row in rows]
