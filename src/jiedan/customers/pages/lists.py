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
    GROUP_CODE_CHARACTERS_MAX,
    KIND_LABELS,
    TAG_CHARACTERS_MAX,
    ConsentPurpose,
    CustomerRow,
    Group,
    RowFacts,
)

ROWS = 50
"""As many as can be put into a group at once."""
TEXT_CHARACTERS_MAX = 200
LISTING_CHARACTERS_MAX = 2_000


class Asked(NamedTuple):
    """What the address asks for."""

    text: str
    tag: str
    group: str
    consent: ConsentPurpose | None

    def filters(self) -> Mapping[str, object]:
        """Return what cursors of the list are good for."""
        return {"q": self.text, "tag": self.tag, "group": self.group, "consent": self.consent}

    def having(self) -> list[str]:
        """Return the terms that whoever is listed must have."""
        return rules.terms_wanted(tag=self.tag, group=self.group, consent=self.consent)


class ShownCustomer(NamedTuple):
    """A customer in the list, with the first address, tags and groups."""

    row: CustomerRow
    facts: RowFacts


class Listed(NamedTuple):
    """Everything the list shows."""

    page: paging.Page[ShownCustomer]
    number: paging.Count
    is_capped: bool
    groups: Mapping[str, Group]
    """All there are, by code."""


@get("/customers", permission="customers:read")
async def customers_page(unit: Unit) -> Response[str]:
    """Show the customers that fit, newest first. Six statements at most."""
    given = unit.request.query_params
    asked = Asked(
        given.get("q", "").strip()[:TEXT_CHARACTERS_MAX],
        given.get("tag", "").strip()[:TAG_CHARACTERS_MAX],
        given.get("group", "").strip()[:GROUP_CODE_CHARACTERS_MAX],
        next((purpose for purpose in CONSENT_PURPOSES if purpose == given.get("consent")), None),
    )
    async with unit.read() as tx:
        listed = await _listed(tx, unit, asked)
    return pages.render(
        unit,
        "customers/list.html",
        listed=listed,
        asked=asked,
        listing=unit.request.url.query if len(unit.request.url.query) <= LISTING_CHARACTERS_MAX else "",
        kinds=KIND_LABELS,
        consents=CONSENT_LABELS,
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
    facts = await queries.row_facts(tx, [row.customer_id for row in page.items])
    shown = [ShownCustomer(row, facts[row.customer_id]) for row in page.items]
    groups = {group.code: group for group in await queries.groups(tx)}
    return Listed(paging.Page(shown, page.next, page.previous), number, is_capped, groups)


HANDLERS: tuple[Any, ...] = (customers_page,)
