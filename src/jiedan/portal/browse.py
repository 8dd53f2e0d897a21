"""The start of the shop, its categories, and its search."""

from collections.abc import Sequence
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Response, get

from jiedan.base import money
from jiedan.base.db import ReadTx
from jiedan.base.i18n import N_
from jiedan.base.web.unit import Unit
from jiedan.catalog import errors as catalog_errors
from jiedan.catalog import queries as catalog
from jiedan.catalog.rules import tree
from jiedan.catalog.values import Category
from jiedan.portal import cards, facets, shelves, shown, visitor
from jiedan.portal.facets import Chosen, Item
from jiedan.portal.shelves import Laid
from jiedan.portal.visitor import Visitor

HOME_PRODUCTS_MAX = 12
QUERY_CHARACTERS_MAX = 200

SORT_LABELS = {
    "newest": N_("Newest first"),
    "cheapest": N_("Lowest price first"),
    "dearest": N_("Highest price first"),
    "name": N_("By name"),
}

Text = Annotated[str, msgspec.Meta(max_length=QUERY_CHARACTERS_MAX)]


@get("/")
async def home(unit: Unit, slug: str) -> Response[str]:
    """Show the shop: its categories, and what is new."""
    async with visitor.entered(unit, slug) as (tx, who):
        newest = (await _items(tx, who, limit=HOME_PRODUCTS_MAX))[:HOME_PRODUCTS_MAX]
        return shown.render(
            unit,
            who,
            "portal/home.html",
            cache=shown.BRIEFLY,
            items=newest,
            cards=await cards.priced(tx, unit, who, newest),
            roots=[c for c in who.categories if c.parent_id is None],
            children=_children(who.categories),
        )


@get("/categories/{category_id:uuid}")
async def category_page(unit: Unit, slug: str, category_id: UUID) -> Response[str]:
    """Show what a category and those below it hold, narrowed down as the address says."""
    async with visitor.entered(unit, slug) as (tx, who):
        category = next((c for c in who.categories if c.category_id == category_id), None)
        if category is None:
            raise catalog_errors.CategoryNotFound(str(category_id))
        inside = tree.inside(category.code, who.categories)
        chosen = _chosen(unit, who)
        laid = await shelves.laid_out(tx, unit, who, chosen, category_ids=inside)
        above = _above(category, who.categories)
        return _shelf_page(
            unit,
            who,
            laid,
            chosen,
            title=category.name,
            crumbs=[(c.name, who.at(f"/categories/{c.category_id}")) for c in above],
            below=[c for c in who.categories if c.parent_id == category_id],
            query="",
        )


@get("/search")
async def search_page(unit: Unit, slug: str, q: Text = "") -> Response[str]:
    """Show what fits every word that was typed: names, pinyin, initials, codes."""
    async with visitor.entered(unit, slug) as (tx, who):
        matches = await catalog.matching_skus(tx, text=q)
        chosen = _chosen(unit, who)
        laid = await shelves.laid_out(tx, unit, who, chosen, product_ids=matches.product_ids)
        return _shelf_page(unit, who, laid, chosen, is_capped=matches.is_capped, title="", crumbs=[], below=[], query=q)


def _shelf_page(
    unit: Unit,
    who: Visitor,
    laid: Laid,
    chosen: Chosen,
    *,
    title: str,
    crumbs: Sequence[tuple[str, str]],
    below: Sequence[Category],
    query: str,
    is_capped: bool = False,
) -> Response[str]:
    links = _Links(unit.exchange.path, chosen, query, who.currency)
    return shown.render(
        unit,
        who,
        "portal/shelf.html",
        cache=shown.BRIEFLY,
        title=title,
        crumbs=crumbs,
        below=below,
        query=query,
        laid=laid,
        chosen=chosen,
        is_capped=is_capped,
        sorts=SORT_LABELS,
        price_text=_price_text(who),
        links=links,
        canonical=f"{visitor.origin_of(unit)}{links.canonical(unit.request.query_params.get(shelves.AFTER, ''))}",
    )


class _Links:
    """Addresses of the same shelf with one choice changed."""

    def __init__(self, path: str, chosen: Chosen, query: str, currency: str) -> None:
        self._path = path
        self._chosen = chosen
        self._query = query
        self._currency = currency

    def option(self, name: str, text: str) -> str:
        """Return the address with an option chosen, or let go if it is."""
        pair = (name, text)
        options = tuple(x for x in self._chosen.options if x != pair)
        if len(options) == len(self._chosen.options):
            options = (*options, pair)
        return self._of(self._chosen._replace(options=options))

    def span(self, low: int | None, high: int | None) -> str:
        """Return the address with a range of prices chosen, or let go if it is."""
        is_chosen = (self._chosen.price_min, self._chosen.price_max) == (low, high)
        ends = {"price_min": None, "price_max": None} if is_chosen else {"price_min": low, "price_max": high}
        return self._of(self._chosen._replace(**ends))

    def there(self) -> str:
        """Return the address with only what is there, or with everything."""
        return self._of(self._chosen._replace(only_there=not self._chosen.only_there))

    def page(self, cursor: str) -> str:
        """Return the address of the page at a cursor."""
        return self._of(self._chosen, after=cursor)

    def canonical(self, cursor: str) -> str:
        """Return the one address of what is shown: the shelf itself, whatever it is narrowed down to or sorted by.

        Of the whole shelf in its own order each page is one of its own.
        """
        is_whole = self._chosen == Chosen()
        return self._of(Chosen(), after=cursor if is_whole else "")

    def nothing(self) -> str:
        """Return the address of the whole shelf."""
        return self._of(Chosen(sort=self._chosen.sort))

    def _of(self, chosen: Chosen, *, after: str = "") -> str:
        pairs = [("q", self._query)] if self._query else []
        pairs += self.fields(chosen)
        if chosen.sort != facets.SORTS[0]:
            pairs.append(("sort", chosen.sort))
        if after:
            pairs.append((shelves.AFTER, after))
        return f"{self._path}?{urlencode(pairs)}" if pairs else self._path

    def fields(self, chosen: Chosen) -> list[tuple[str, str]]:
        """Return what is chosen as pairs of a parameter and its value."""
        pairs = [("f", f"{name}:{text}") for name, text in chosen.options]
        for name, minor in (("min", chosen.price_min), ("max", chosen.price_max)):
            if minor is not None:
                pairs.append((name, str(money.decimal_amount(minor, self._currency))))
        return [*pairs, ("there", "1")] if chosen.only_there else pairs


def _chosen(unit: Unit, who: Visitor) -> Chosen:
    """Read what is chosen from the address; what makes no sense is left out."""
    asked = unit.request.query_params
    pairs = [text.rpartition(":") for text in asked.getall("f", [])[: facets.CHOSEN_MAX]]
    sort = asked.get("sort", "")
    return Chosen(
        options=tuple(dict.fromkeys((name, text) for name, _, text in pairs if name)),
        price_min=_amount(asked.get("min", ""), who.currency),
        price_max=_amount(asked.get("max", ""), who.currency),
        only_there=bool(asked.get("there")),
        sort=next((x for x in facets.SORTS if x == sort), facets.SORTS[0]),
    )


def _amount(text: str, currency: str) -> int | None:
    try:
        minor = money.parse_amount(text, currency) if text.strip() else None
    except ValueError:
        return None
    return minor if minor is not None and 0 <= minor <= money.AMOUNT_MINOR_MAX else None


def _price_text(who: Visitor) -> dict[str, str]:
    return {
        "currency": who.currency,
        "example": str(money.decimal_amount(10 ** money.exponent(who.currency), who.currency)),
    }


async def _items(tx: ReadTx, who: Visitor, *, limit: int) -> list[Item]:
    shelf = await catalog.shelf(tx, currency=who.currency, limit=limit)
    return await shelves.with_stock(tx, shelf.products)


def _children(categories: Sequence[Category]) -> dict[UUID, list[Category]]:
    found: dict[UUID, list[Category]] = {}
    for category in categories:
        if category.parent_id is not None:
            found.setdefault(category.parent_id, []).append(category)
    return found


def _above(category: Category, categories: Sequence[Category]) -> list[Category]:
    """Return the categories above one, outermost first."""
    by_id = {c.category_id: c for c in categories}
    parents = {c.category_id: c.parent_id for c in categories}
    return [by_id[x] for x in reversed(tree.ancestors(category.category_id, parents)[1:])]


HANDLERS = (home, category_page, search_page)
