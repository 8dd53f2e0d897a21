"""Load: claim the keys, and read all that drafts are decided by, in one round trip; a second one where needed."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import psycopg.errors

from jiedan.accounts.errors import MerchantNotFound
from jiedan.accounts.values import MerchantSettings
from jiedan.base import idempotency, sql
from jiedan.base.db import Load, LockRank, ReadTx, Tx
from jiedan.carts import queries as carts
from jiedan.carts.values import Cart, CartId
from jiedan.catalog import queries as catalog
from jiedan.catalog.values import SellableSku, SkuId
from jiedan.customers import queries as customers
from jiedan.inventory import queries as inventory
from jiedan.inventory.values import Location
from jiedan.orders.rules.planning import Circumstances, Key
from jiedan.orders.values import OPERATION, Draft, NewOrder, OrderId, Placed
from jiedan.pricing import queries as pricing
from jiedan.pricing.values import Tier
from jiedan.sourcing import queries as sourcing
from jiedan.sourcing.values import Candidate, Point

SQL = sql.load("jiedan.orders.placement", "placement.sql")

_RULES = pricing.RulesCache()
"""Price rules of this process, by tenant; every use compares the version."""


class RaceLost(psycopg.errors.SerializationFailure):
    """Another transaction did the same meanwhile: run the batch again, and it will see what the other did."""


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
    saved: Mapping[UUID, tuple[int, UUID | None]]
    """Version of each saved draft, and the order it has become; locked."""

    circumstances: Circumstances


async def arrive(tx: Tx, drafts: Sequence[Draft], claims: Sequence[idempotency.Claim]) -> Arrived:
    """Claim the drafts' keys and read what decides about them.

    Raises RaceLost when a key was given back at this very moment.
    """
    tx.will_lock(LockRank.IDEMPOTENCY)
    bodies = [draft.body for draft in drafts]
    statement, parameters = idempotency.claim_statement(tx, operation=OPERATION, claims=claims)
    loads: dict[str, Load[Any]] = {"claimed": Load(statement, parameters, list)}
    externals = sorted({(body.channel, body.external_id) for body in bodies if body.external_id is not None})
    if externals:
        loads["by_external"] = orders_by_external(externals)
    loads |= _references(bodies, credential_ids=_credentials(drafts), are_placed=True)
    found = dict(zip(loads, await tx.load(*loads.values()), strict=True))
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
        circumstances=(await _circumstances(tx, found))._replace(carts=_open_by_cart(known), held=held),
    )


async def _saved_for_update(tx: Tx, draft_ids: Collection[UUID]) -> Mapping[UUID, tuple[int, UUID | None]]:
    """Lock saved drafts in key order; no statement without them."""
    if not draft_ids:
        return {}
    tx.will_lock(LockRank.ORDER)
    rows = await tx.sql(SQL["drafts_for_update"], draft_ids=sorted(draft_ids))
    return {draft_id: (version, order_id) for draft_id, version, order_id in rows}


async def look(tx: ReadTx, bodies: Sequence[NewOrder]) -> Circumstances:
    """Read what decides about `bodies`, without claiming anything."""
    loads = _references(bodies)
    found = dict(zip(loads, await tx.load(*loads.values()), strict=True))
    circumstances = await _circumstances(tx, found)
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
    bodies: Sequence[NewOrder], *, credential_ids: Iterable[UUID] = (), are_placed: bool = False
) -> dict[str, Load[Any]]:
    """Return the loads that the bodies need: what none of them mentions costs no statement.

    Customers of orders that are placed are held until they are; a preview only reads.
    """
    codes = {line.sku for body in bodies for line in body.lines}
    loads: dict[str, Load[Any]] = {
        "standing": Load(SQL["standing"], {"credential_ids": sorted(credential_ids)}, _standing),
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


async def _circumstances(tx: ReadTx, found: dict[str, Any]) -> Circumstances:
    settings, price_version, _ = found["standing"]
    rules = await _RULES.current(tx, version=price_version, prices_include_tax=settings.prices_include_tax)
    skus, tiers = found["offers"]
    components: dict[SkuId, SellableSku] = {}
    inside = {component.sku_id for sku in skus.values() for component in sku.components}
    if inside:
        components = await tx.load_one(catalog.skus_by_id(inside))
    stock, candidates = found["stock"]
    locations: tuple[Location, ...] = found.get("locations", ())
    return Circumstances(
        settings=settings,
        price_rules=rules,
        skus=skus,
        components=components,
        tiers={key: list(map(Tier._make, listed)) for key, listed in tiers.items()},
        customers=found.get("customers", {}),
        locations={location.code: location.location_id for location in locations if location.is_active},
        candidates=candidates,
        stock=stock,
        places=found.get("places"),
    )


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
        raise RaceLost
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


def _stock(rows: list[tuple[Any, ...]]) -> tuple[dict[Key, int], dict[UUID, Candidate]]:
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
