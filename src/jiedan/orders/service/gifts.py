"""The gifts of an order that is not placed yet, by name: what would be given, and what could be chosen instead."""

from typing import NamedTuple

from jiedan.base.db import ReadTx
from jiedan.catalog import queries as catalog
from jiedan.orders.rules.planning import Plan


class OfferedGift(NamedTuple):
    """A gift by name, the line it would be, what it is given for, and what could be chosen instead: (SKU, name).

    `of` is the id of the promotion, by which a choice names it.
    `gone` is the name of the one that was chosen and is not there; empty where it is.
    """

    line: int
    name: str
    quantity: int
    promotion: str
    sku: str
    choices: tuple[tuple[str, str], ...]
    gone: str
    of: str = ""


async def gifts_of(tx: ReadTx, *, plan: Plan) -> tuple[OfferedGift, ...]:
    """Return what would be given; no statement where nothing is."""
    given = [(rule, rule.gift) for rule in plan.price_story.applied if rule.gift is not None]
    if not given:
        return ()
    known = await tx.load_one(catalog.sellable_skus({sku for _, gift in given for sku in (gift.sku, *gift.choices)}))
    return tuple(
        OfferedGift(
            gift.line,
            known[gift.sku].name,
            gift.quantity,
            rule.name,
            gift.sku,
            tuple((sku, known[sku].name) for sku in gift.choices if sku in known and known[sku].is_active),
            known[gift.wanted].name if gift.wanted in known else "",
            rule.promotion,
        )
        for rule, gift in given
    )
