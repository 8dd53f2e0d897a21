"""The list of customers."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from litestar import Response, get

from jiedan.base import paging
from jiedan.base.db import ReadTx
from jiedan.base.web import pages
from jiedan.base.web.unit import Unit
from jiedan.customers import queries, rules
from jiedan.customers.values import (
    CONSENT_LABELS,
    CONSENT_PURPOSES,
    KIND_LABELS,
    TAG_CHARACTERS_MAX,
    Address,
    ConsentPurpose,
    CustomerRow,
)

ROWS = 50
TEXT_CHARACTERS_MAX = 200


class Asked(NamedTuple):
    """What the address asks for."""

    text: str
    tag: str
    consent: ConsentPurpose | None

    def filters(self) -> Mapping[str, object]:
        """Return what cursors of the list are good for."""
        return {"q": self.text, "tag": self.tag, "consent": self.consent}

    def having(self) -> list[str]:
        """Return the terms that whoever is listed must have."""
        tags = [rules.tag_term(self.tag)] if self.tag else []
        return tags + ([rules.consent_term(self.consent)] if self.consent else [])


class ShownCustomer(NamedTuple):
    """A customer in the list, with the first address and the tags."""

    row: CustomerRow
    address: Address | None
    tags: list[str]


class Listed(NamedTuple):
    """Everything the list shows."""

    page: paging.Page[ShownCustomer]
    number: paging.Count
    is_capped: bool


@get("/customers", permission="customers:read")
async def customers_page(unit: Unit) -> Response[str]:
    """Show the customers that fit, newest first. Six statements at most."""
    given = unit.request.query_params
    asked = Asked(
        given.get("q", "").strip()[:TEXT_CHARACTERS_MAX],
        given.get("tag", "").strip()[:TAG_CHARACTERS_MAX],
        next((purpose for purpose in CONSENT_PURPOSES if purpose == given.get("consent")), None),
    )
    async with unit.read() as tx:
        listed = await _listed(tx, unit, asked)
    return pages.render(
        unit, "customers/list.html", listed=listed, asked=asked, kinds=KIND_LABELS, consents=CONSENT_LABELS
    )


async def _listed(tx: ReadTx, unit: Unit, asked: Asked) -> Listed:
    cursor = unit.request.query_params.get("cursor") or None
    request = unit.page("console-customers", filters=asked.filters(), limit=ROWS, cursor=cursor)
    having = asked.having()
    if asked.text or len(having) > 1:
        matches = await queries.matching_customers(tx, text=asked.text or None, having=having)
        page = await queries.customer_rows(tx, request=request, among=matches.customer_ids)
        number = await queries.customer_count(tx, among=matches.customer_ids)
        is_capped = matches.is_capped
    else:
        term = next(iter(having), None)
        page = await queries.customer_rows(tx, request=request, term=term)
        number = await queries.customer_count(tx, term=term)
        is_capped = False
    books, tags = await queries.books_and_tags(tx, [row.customer_id for row in page.items])
    shown = [
        ShownCustomer(row, next(iter(books[row.customer_id]), None), sorted(tags[row.customer_id]))
        for row in page.items
    ]
    return Listed(paging.Page(shown, page.next, page.previous), number, is_capped)


HANDLERS: tuple[Any, ...] = (customers_page,)
