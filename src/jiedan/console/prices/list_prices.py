"""What price lists say of SKUs: a table by SKU with tiers, set row by row or pasted from a spreadsheet."""

from collections.abc import Sequence
from typing import Annotated, Any, NamedTuple
from urllib.parse import quote

import msgspec
from litestar import Response, get, post

from jiedan.base import i18n, paging
from jiedan.base.db import ReadTx
from jiedan.base.errors import Refusal
from jiedan.base.i18n import N_
from jiedan.base.web import bodies, forms, pages
from jiedan.base.web.errors import CharacterRefused
from jiedan.base.web.forms import FieldRequired, Filled, Form
from jiedan.base.web.unit import Unit
from jiedan.catalog import queries as catalog
from jiedan.console.prices import pasted
from jiedan.console.prices.pasted import Wrong
from jiedan.pricing import queries, service
from jiedan.pricing.errors.drafts import PriceListUnknown
from jiedan.pricing.queries import ListedPrice
from jiedan.pricing.service import ListPriceRow
from jiedan.pricing.values import drafts
from jiedan.pricing.values.lists import PriceList, TierMode

ROWS = 50
WRONG_SHOWN_MAX = 100
UNPROCESSABLE = 422

ListCode = Annotated[str, msgspec.Meta(min_length=1, max_length=drafts.RULE_CODE_CHARACTERS_MAX)]


class SetForm(Form):
    """Prices of a list as a spreadsheet has them, pasted here or in a file beside."""

    __as_sent__ = frozenset({"rows"})

    price_list: ListCode
    rows: Annotated[str, msgspec.Meta(max_length=pasted.PASTED_CHARACTERS_MAX)] = ""
    mode: TierMode = "volume"


class RemoveForm(Form):
    """A SKU to take out of a list."""

    price_list: ListCode
    sku: bodies.Code


class Row(NamedTuple):
    """A SKU in the list, what it is called, and its tiers: from so many units, at so much."""

    listed: ListedPrice
    name: str


@get("/prices/lists", permission="prices:read")
async def list_prices_page(unit: Unit) -> Response[str]:
    """Show what a price list says, by SKU; with `sku` the form has what it says of that one."""
    given = unit.request.query_params
    form = forms.empty(unit, price_list=given.get("of", ""), mode="volume")
    async with unit.read() as tx:
        known = await queries.price_lists(tx)
        of = _chosen(known, given.get("of", ""))
        if of is not None and given.get("sku"):
            entries = (await tx.load_one(queries.list_prices([given["sku"]]))).get(given["sku"], ())
            listed = [ListedPrice(given["sku"], of.currency, entry) for entry in entries if entry.list_code == of.code]
            if listed:
                form = forms.empty(unit, mode=listed[0].entry.mode, rows=pasted.written(listed[0]))
        return await _page(tx, unit, known, of, form)


def _chosen(known: dict[str, PriceList], code: str) -> PriceList | None:
    """Return the list that is asked for, else the first. Raises PriceListUnknown."""
    if code and code not in known:
        raise PriceListUnknown(code, field="of")
    return known[code] if code else next((known[name] for name in sorted(known)), None)


@post("/prices/lists", permission="prices:write")
async def set_prices(unit: Unit) -> Response[str]:
    """Set what the rows say; those that are refused are shown again, each with its reason."""
    form = await forms.read(unit, SetForm)
    sent = form.value
    if sent is None:
        return await _again(unit, form)
    try:
        text = await _text(form, sent)
        async with unit.read() as tx:
            of = _chosen(await queries.price_lists(tx), sent.price_list)
        read = pasted.read(text, of.currency if of is not None else unit.principal.currency)
        rows = [ListPriceRow(sent.price_list, one.sku, one.tiers, sent.mode) for one in read.good]
        outcomes = await unit.write(lambda tx: service.set_list_prices(tx, rows=rows)) if rows else []
    except Refusal as refusal:
        form.refuse(refusal)
        return await _again(unit, form)
    refusals = {one.sku: x for one, x in zip(read.good, outcomes, strict=True) if isinstance(x, Refusal)}
    wrong = sorted([*read.wrong, *pasted.refused(read.good, refusals)], key=lambda one: one.row)
    if not wrong and not outcomes:
        form.raw = {"rows": [""], **form.raw}
        form.refuse(FieldRequired(field="rows"))
    if form.value is None or wrong:
        done = len(outcomes) - len(refusals)
        return await _again(unit, form, wrong=wrong, done=done)
    return pages.redirect(unit, f"/prices/lists?of={_quoted(sent.price_list)}", flash=N_("The prices are set."))


async def _text(form: Filled[SetForm], sent: SetForm) -> str:
    """Return the rows of the file, or those that were pasted. Raises CharacterRefused, PriceListUnknown."""
    file = form.file("file")
    text = sent.rows if file is None else pasted.decoded(await file.read())
    character = bodies.unstorable_character(text)
    if character is not None:
        raise CharacterRefused(character=character, field="rows")
    return text


def _quoted(code: str) -> str:
    return quote(code, safe="")


@post("/prices/lists/removals", permission="prices:write")
async def remove_price(unit: Unit) -> Response[str]:
    """Take a SKU out of a list: the next list, or the catalog, has its price then."""
    form = await forms.read(unit, RemoveForm)
    sent = form.value
    if sent is None:
        return await _again(unit, form)
    (outcome,) = await unit.write(
        lambda tx: service.set_list_prices(tx, rows=[ListPriceRow(sent.price_list, sent.sku, ())])
    )
    if isinstance(outcome, Refusal):
        form.refuse(outcome)
        return await _again(unit, form)
    return pages.redirect(unit, f"/prices/lists?of={_quoted(sent.price_list)}", flash=N_("The SKU is out of the list."))


async def _again(unit: Unit, form: Filled[Any], *, wrong: Sequence[Wrong] = (), done: int = 0) -> Response[str]:
    """Show the page with what was refused: the rows that are wrong are left to be mended."""
    if wrong:
        form.raw = {**form.raw, "rows": ["\n".join(one.typed for one in wrong)]}
        form.status = UNPROCESSABLE
    async with unit.read() as tx:
        known = await queries.price_lists(tx)
        code = form.text("price_list")
        of = _chosen(known, code if code in known else "")
        return await _page(tx, unit, known, of, form, wrong=wrong, done=done)


async def _page(
    tx: ReadTx,
    unit: Unit,
    known: dict[str, PriceList],
    of: PriceList | None,
    form: Filled[Any],
    *,
    wrong: Sequence[Wrong] = (),
    done: int = 0,
) -> Response[str]:
    rows: paging.Page[Row] = paging.Page([], None, None)
    if of is not None:
        cursor = unit.request.query_params.get("cursor") or None
        request = unit.page("console-list-prices", filters={"of": of.code}, limit=ROWS, cursor=cursor)
        page = await queries.entry_rows(tx, request=request, list_code=of.code)
        names = await tx.load_one(catalog.sellable_skus([listed.sku for listed in page.items])) if page.items else {}
        shown = [Row(x, names[x.sku].name if x.sku in names else "") for x in page.items]
        rows = paging.Page(shown, page.next, page.previous)
    return pages.render(
        unit,
        "console/list_prices.html",
        form=form,
        lists=sorted(known),
        of=of,
        page=rows,
        wrong=[(one.row, one.typed, i18n.say(unit.locale, one.why)) for one in wrong[:WRONG_SHOWN_MAX]],
        wrong_count=len(wrong),
        done=done,
        most=service.ENTRIES_PER_CALL_MAX,
    )


HANDLERS: tuple[Any, ...] = (list_prices_page, set_prices, remove_price)
