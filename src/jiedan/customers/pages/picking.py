"""The picker of customers: who fits the words typed so far, as a fragment; `?as=options` is for a `<datalist>`."""

from typing import Any

from litestar import Response, get

from jiedan.base.web import pages
from jiedan.base.web.unit import Unit
from jiedan.customers import queries
from jiedan.customers.values import CustomerRow

PICKS_MAX = 12
TEXT_CHARACTERS_MAX = 100


@get("/customers/search", permission="customers:read")
async def search_customers(unit: Unit) -> Response[str]:
    """Show the customers that fit: by name, pinyin, phone or its tail, e-mail. Three statements at most."""
    text = unit.request.query_params.get("q", "").strip()[:TEXT_CHARACTERS_MAX]
    picks: list[CustomerRow] = []
    if text:
        request = unit.page("customer_picks", filters={"q": text}, limit=PICKS_MAX)
        async with unit.read() as tx:
            matches = await queries.matching_customers(tx, text=text)
            if matches.customer_ids:
                picks = (await queries.customer_rows(tx, request=request, among=matches.customer_ids)).items
    is_options = unit.request.query_params.get("as") == "options"
    name = "customers/_options.html" if is_options else "customers/_picks.html"
    return pages.render(unit, name, picks=picks, text=text)


HANDLERS: tuple[Any, ...] = (search_customers,)
