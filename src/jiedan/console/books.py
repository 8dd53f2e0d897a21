"""Books always balance: the last check, what it found, and the button for another."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from types import MappingProxyType
from typing import Any, NamedTuple

from litestar import Response, get, post

from jiedan.accounts import queries as accounts
from jiedan.base import books, verify
from jiedan.base.i18n import N_
from jiedan.base.verify import Finding
from jiedan.base.web import pages
from jiedan.base.web.unit import Unit
from jiedan.console import words

ROWS = 20

MODULES: Mapping[str, str] = MappingProxyType(
    {
        "accounts": N_("Accounts and settings"),
        "base": N_("Events and keys"),
        "bulk": N_("Bulk jobs"),
        "carriers": N_("Carriers"),
        "carts": N_("Carts"),
        "cases": N_("Cases"),
        "catalog": N_("Products"),
        "customers": N_("Customers"),
        "exports": N_("Exports"),
        "fulfillment": N_("Fulfillment"),
        "imports": N_("Imports"),
        "inventory": N_("Stock"),
        "notifications": N_("Mail and notices"),
        "orders": N_("Orders"),
        "payments": N_("Payments"),
        "pricing": N_("Prices"),
        "privacy": N_("Erasures"),
        "replays": N_("Replays of prices"),
        "reports": N_("Reports"),
        "sourcing": N_("Sourcing"),
        "wallets": N_("Wallets"),
    }
)
"""What the checks of a module are about."""


class Part(NamedTuple):
    """The checks of one module: how many there are, and what was found."""

    label: str
    questions: int
    findings: Sequence[Finding]


@get("/books", permission="verify:read")
async def books_page(unit: Unit) -> Response[str]:
    """Show the last check of the books, part by part, and those before it."""
    request = unit.page(books.LIST_NAME, filters={}, limit=ROWS)
    async with unit.read() as tx:
        last = await books.last(tx)
        earlier = (await books.checks(tx, request=request)).items
        names = await tx.load_one(accounts.actor_names({one.asked_by for one in earlier}))
    return pages.render(
        unit,
        "console/books.html",
        last=last,
        earlier=earlier,
        waiting=next((one for one in earlier if one.ended_at is None), None),
        parts=[] if last is None else _parts(last.findings),
        by=lambda actor: words.SYSTEM if actor.kind == "system" else names.get(actor, actor.id),
    )


@post("/books", permission="verify:read")
async def check_books(unit: Unit) -> Response[str]:
    """Let the worker check the books."""
    await unit.write(books.ask)
    return pages.redirect(unit, "/books", flash=N_("The books are being checked."))


def _parts(findings: Sequence[Finding]) -> list[Part]:
    by_module = sorted(verify.checks(), key=lambda check: check.module)
    return [
        Part(MODULES.get(module, module), len(list(checks)), [x for x in findings if x.module == module])
        for module, checks in groupby(by_module, key=lambda check: check.module)
    ]


HANDLERS: tuple[Any, ...] = (books_page, check_books)
