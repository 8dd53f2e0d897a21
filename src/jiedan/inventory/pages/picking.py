"""The picker of SKUs: what fits the words typed so far, with its price and what can be promised of it, as a fragment.

`?as=options` is for a `<datalist>`: a field with it needs no script. Without, it is a list of `role="option"`, whose
`data-` attributes say what a script has to fill in.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from litestar import Response, get

from jiedan.base.db import ReadTx
from jiedan.base.web import pages
from jiedan.base.web.unit import Unit
from jiedan.catalog import queries as catalog
from jiedan.catalog.rules import quantities
from jiedan.catalog.rules.quantities import Grid
from jiedan.catalog.values import Price, SkuRow
from jiedan.inventory import queries

PICKS_MAX = 12
TEXT_CHARACTERS_MAX = 100
WORDS = ("q", "sku", "scan", "part")
"""What the words may come under: a field that asks while somebody types sends its own name."""


class Place(NamedTuple):
    """What can be promised of a SKU from one location."""

    name: str
    available: int


class Pick(NamedTuple):
    """A SKU that fits; `price` in the merchant's own currency, `available` None where the reader may not see stock.

    `grid` are the quantities in which it is ordered, `told` tells them where not all are.
    """

    sku: SkuRow
    price: Price | None
    available: int | None
    places: list[Place]
    grid: Grid
    told: str


@get("/skus/search", permission="catalog:read")
async def search_skus(unit: Unit) -> Response[str]:
    """Show the SKUs that fit best; nothing typed finds nothing."""
    given = unit.request.query_params
    text = next((given[name] for name in WORDS if given.get(name)), "").strip()[:TEXT_CHARACTERS_MAX]
    picks: list[Pick] = []
    if text:
        async with unit.read() as tx:
            picks = await _picks(tx, unit, text)
    is_options = given.get("as") == "options"
    name = "inventory/_sku_options.html" if is_options else "inventory/_sku_picks.html"
    return pages.render(unit, name, picks=picks, text=text)


async def _picks(tx: ReadTx, unit: Unit, text: str) -> list[Pick]:
    """Return the SKUs that may be sold first: six statements at most."""
    matches = await catalog.matching_skus(tx, text=text)
    if not matches.sku_ids:
        return []
    request = unit.page("sku_picks", filters={"q": text}, limit=PICKS_MAX)
    rows = (await catalog.sku_rows(tx, request=request, among=matches.sku_ids)).items
    places: Mapping[Any, list[Place]] = {}
    if unit.may("inventory:read"):
        places = await places_of(tx, rows)
    ranked = sorted(rows, key=lambda row: (row.code.casefold() != text.casefold(), not row.is_active))
    return [_pick(row, unit, places) for row in ranked]


async def places_of(tx: ReadTx, rows: list[SkuRow]) -> dict[Any, list[Place]]:
    """Return where something can be promised of each SKU, most first. Two statements in one pipeline."""
    found, locations = await tx.load(queries.availability([row.sku_id for row in rows]), queries.locations())
    names = {place.location_id: place.name for place in locations}
    by_sku: dict[Any, list[Place]] = {row.sku_id: [] for row in rows}
    for key, counters in found.items():
        if counters.available > 0:
            by_sku[key.sku_id].append(Place(names[key.location_id], counters.available))
    for places in by_sku.values():
        places.sort(key=lambda place: -place.available)
    return by_sku


def _pick(row: SkuRow, unit: Unit, places: Mapping[Any, list[Place]]) -> Pick:
    price = next((price for price in row.prices if price.currency == unit.principal.currency), None)
    at = places.get(row.sku_id, [])
    counts = unit.may("inventory:read") and row.kind == "goods"
    available = sum(place.available for place in at) if counts else None
    told = quantities.in_words(row.quantities, unit.locale)
    return Pick(row, price, available, at, quantities.allowed(row.quantities), told)


HANDLERS: tuple[Any, ...] = (search_skus,)
