"""Name at once all that speaks against a draft, where one reason would hide another. Pure.

Only what is refused comes here: a good draft is not looked at twice.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

import msgspec

from jiedan.base.errors import Refusal
from jiedan.customers import rules as customers
from jiedan.customers.values import Address
from jiedan.orders import errors
from jiedan.orders.rules.planning import COMPONENT_QUANTITY_MAX, Circumstances, Key
from jiedan.orders.values import QUANTITY_MAX, STOCKED_KINDS, Draft, NewOrder
from jiedan.pricing.values import AsSold
from jiedan.sourcing import rules as sourcing
from jiedan.sourcing import values as sources
from jiedan.wallets.errors import UnknownGiftCard


class Needed(NamedTuple):
    """Goods that a line of a draft asks for; `part_of` is the draft's line (from 0)."""

    part_of: int
    sku_id: UUID
    code: str
    quantity: int
    location_id: UUID | None


def shortfalls(
    body: NewOrder, c: Circumstances, left: Mapping[Key, int], locations: Mapping[UUID, Sequence[UUID]]
) -> tuple[Refusal, ...]:
    """Return what is missing of the goods that are known in a draft that is refused for something else.

    `left` is what may be promised, `locations` where a SKU is kept. Nothing is taken. A line whose SKU, location or
    quantity is in question says nothing about stock.
    """
    if c.settings.backorder or (body.history is not None and not body.history.claims_stock):
        return ()
    wants = dict(enumerate(needed(body, c), start=1))
    if not wants:
        return ()
    demands = tuple(sources.Demand(n, x.sku_id, x.quantity, x.location_id) for n, x in wants.items())
    wanted = sources.Wanted(demands, body.split or c.settings.split, backorder=False)
    places = dict.fromkeys(x for demand in demands for x in locations.get(demand.sku_id, ()))
    choice, _ = sourcing.choose(wanted, left, [c.candidates[x] for x in places])
    return tuple(
        errors.InsufficientStock(
            x.code, x.quantity, x.quantity - choice.missing[n], field=f"lines[{x.part_of}].quantity"
        )
        for n, x in wants.items()
        if n in choice.missing
    )


def needed(body: NewOrder, c: Circumstances) -> list[Needed]:
    """Return the goods of the lines that leave no doubt, kits as their components."""
    found: list[Needed] = []
    for i, line in enumerate(body.lines):
        sku = c.skus.get(line.sku)
        place = line.location or body.location
        if sku is None or not sku.is_active or (place is not None and place not in c.locations):
            continue
        location_id = c.locations[place] if place is not None else None
        if sku.kind.value in STOCKED_KINDS:
            found.append(Needed(i, sku.sku_id, sku.code, line.quantity, location_id))
        for component in sku.components:
            part = c.components[component.sku_id]
            found.append(Needed(i, part.sku_id, part.code, line.quantity * component.quantity, location_id))
    return [x for x in found if 1 <= x.quantity <= COMPONENT_QUANTITY_MAX]


def readable(body: NewOrder, country: str) -> NewOrder:
    """Return `body` with a value that may stand for each one `drafts.check` refuses, so that the rest can be judged.

    `country` stands for countries that do not exist: phone numbers are read as of it.
    """
    lines = tuple(
        msgspec.structs.replace(
            line,
            quantity=line.quantity if 1 <= line.quantity <= QUANTITY_MAX else 1,
            as_sold=None if line.as_sold is None else AsSold(unit_minor=0),
        )
        for line in body.lines
    )
    return msgspec.structs.replace(
        body,
        lines=lines,
        ship_to=_somewhere(body.ship_to, country),
        bill_to=_somewhere(body.bill_to, country),
        wallets=(),
    )


def unknown_cards(draft: Draft) -> tuple[Refusal, ...]:
    """Return a refusal for each gift card code of a draft that no card has.

    What is on cards that there are, nobody looks at before the rest of the draft holds.
    """
    return tuple(
        UnknownGiftCard(field=f"wallets[{i}].code")
        for i, wallet in enumerate(draft.body.wallets)
        if wallet.kind == "gift_card" and wallet.wallet_id is None and wallet.code and wallet.code not in draft.cards
    )


def all_of(known: Sequence[Refusal], found: Sequence[Refusal]) -> tuple[Refusal, ...]:
    """Return the reasons of both looks at a draft; a field refused by the first is not judged by the second."""
    named = {reason.field for reason in known}
    return (*known, *(reason for reason in found if reason.field not in named))


def _somewhere(address: Address | None, country: str) -> Address | None:
    if address is None or customers.country_rules(address.country) is not None:
        return address
    return msgspec.structs.replace(address, country=country)
