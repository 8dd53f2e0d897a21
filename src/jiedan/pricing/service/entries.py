"""Set what price lists say of SKUs, many at once."""

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple
from uuid import UUID

import msgspec

from jiedan.base.db import Tx
from jiedan.base.errors import Refusal, one_of
from jiedan.catalog import queries as catalog
from jiedan.pricing import events, queries, rules
from jiedan.pricing.errors import drafts as errors
from jiedan.pricing.service import writing
from jiedan.pricing.values.carts import Tier
from jiedan.pricing.values.lists import ListEntry, TierMode

ENTRIES_PER_CALL_MAX = 1_000


class ListPriceRow(NamedTuple):
    """What a list is to say of a SKU: tiers in minor units of the list's currency; none take the SKU out of it."""

    price_list: str
    sku: str
    tiers: tuple[Tier, ...]
    mode: TierMode = "volume"


class ListPriceSet(NamedTuple):
    """What became of a row."""

    price_list: str
    sku: str
    became: Literal["set", "removed", "unchanged"]


class _Write(NamedTuple):
    row: ListPriceRow
    sku_id: UUID
    currency: str


async def set_list_prices(tx: Tx, *, rows: Sequence[ListPriceRow]) -> list[ListPriceSet | Refusal]:
    """Set or remove prices of lists, and return one outcome per row, in their order; of a SKU named twice the last.

    A list is one of the draft, or of the newest book. Prices hold for the next batch everywhere, where their list is
    in force. Raises TooManyPrices.
    """
    if len(rows) > ENTRIES_PER_CALL_MAX:
        raise errors.TooManyPrices(ENTRIES_PER_CALL_MAX, field="prices")
    await writing.claim(tx)
    currencies = {code: found.currency for code, found in (await queries.price_lists(tx)).items()}
    skus = await tx.load_one(catalog.sellable_skus([row.sku for row in rows]))
    outcomes: list[ListPriceSet | Refusal] = []
    wanted: dict[tuple[str, str], _Write] = {}
    for i, row in enumerate(rows):
        problems = _problems(row, currencies, is_known=row.sku in skus, of=f"prices[{i}]")
        if problems:
            outcomes.append(one_of(problems, field=f"prices[{i}]"))
            continue
        wanted[row.price_list, row.sku] = _Write(row, skus[row.sku].sku_id, currencies[row.price_list])
        outcomes.append(ListPriceSet(row.price_list, row.sku, "unchanged"))
    became = await _write(tx, [wanted[key] for key in sorted(wanted)])
    return [
        outcome._replace(became=became.get((outcome.price_list, outcome.sku), "unchanged"))
        if isinstance(outcome, ListPriceSet)
        else outcome
        for outcome in outcomes
    ]


def _problems(row: ListPriceRow, currencies: Mapping[str, str], *, is_known: bool, of: str) -> list[Refusal]:
    found: list[Refusal] = []
    if row.price_list not in currencies:
        found.append(errors.PriceListUnknown(row.price_list, field=f"{of}.price_list"))
    if not is_known:
        found.append(errors.PriceSkuUnknown(row.sku, field=f"{of}.sku"))
    if row.tiers:
        for problem in rules.problems_of_entry(ListEntry(row.price_list, row.tiers, row.mode)):
            problem.field = f"{of}.{problem.field}"
            found.append(problem)
    return found


async def _write(tx: Tx, wanted: Sequence[_Write]) -> dict[tuple[str, str], Literal["set", "removed"]]:
    """Write and remove prices, tell of those that changed, and return what became of them by list and SKU."""
    put = [write for write in wanted if write.row.tiers]
    drop = [write for write in wanted if not write.row.tiers]
    changed = await tx.sql(
        writing.SQL["upsert_entries"],
        sku_ids=[write.sku_id for write in put],
        list_codes=[write.row.price_list for write in put],
        currencies=[write.currency for write in put],
        modes=[write.row.mode for write in put],
        min_quantities=[_text([tier.min_quantity for tier in write.row.tiers]) for write in put],
        units_minor=[_text([tier.unit_minor for tier in write.row.tiers]) for write in put],
    )
    gone = await tx.sql(
        writing.SQL["delete_entries"],
        sku_ids=[write.sku_id for write in drop],
        list_codes=[write.row.price_list for write in drop],
    )
    codes = {write.sku_id: write.row.sku for write in wanted}
    by_list: dict[str, list[UUID]] = {}
    for sku_id, list_code in sorted([*changed, *gone]):
        by_list.setdefault(list_code, []).append(sku_id)
    tx.emit(
        *[
            events.ListPricesSet(merchant_id=tx.tenant, price_list=list_code, sku_ids=tuple(sku_ids))
            for list_code, sku_ids in sorted(by_list.items())
        ]
    )
    became: dict[tuple[str, str], Literal["set", "removed"]] = {}
    became |= {(list_code, codes[sku_id]): "set" for sku_id, list_code in changed}
    became |= {(list_code, codes[sku_id]): "removed" for sku_id, list_code in gone}
    return became


def _text(numbers: Sequence[int]) -> str:
    return msgspec.json.encode(numbers).decode()
