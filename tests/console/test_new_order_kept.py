"""The draft of a program in the console's new order: what the form has no input for stays as it is, and is told."""

import html
import re
from html.parser import HTMLParser
from typing import Any
from uuid import UUID

import msgspec
import pytest
import sqlalchemy as sa

from jiedan.base.db import Database, Scope
from jiedan.base.web import csrf, sending
from jiedan.base.web.forms import Filled
from jiedan.console import new_order_form, new_order_kept
from jiedan.customers.values import Address
from jiedan.orders import queries
from jiedan.orders import service as orders
from jiedan.orders.tables import Order
from jiedan.orders.values import Contact, GiftChoice, NewLine, NewNote, NewOrder, SavedDraft, WalletUse
from jiedan.pricing.values import AsSold, OrderDiscount
from tests.console.test_new_order import NEW, drafts, stock
from tests.console.test_pages import current, open_console, page, submit

SHIP_TO: dict[str, Any] = {
    "country": "CN",
    "name": "李雷",
    "phone": "+8613912345678",
    "company": "Tea house",
    "region": "北京市",
    "city": "北京市",
    "district": "东城区",
    "line1": "长安街1号",
    "line2": "2 楼",
    "postal_code": "100006",
    "lat": 39.9,
    "lon": 116.4,
}
BILL_TO: dict[str, Any] = {
    "country": "DE",
    "name": "Anna Bell",
    "line1": "Lange Str. 1",
    "city": "Berlin",
    "postal_code": "10115",
}
LINE: dict[str, Any] = {
    "sku": "TEA",
    "quantity": 2,
    "location": "W2",
    "unit_price_minor": 750,
    "price_reason": "Agreed on.",
    "as_sold": {"unit_minor": 700, "discount_minor": 10, "tax_minor": 5},
    "attributes": {"engraving": "Anna", "width": "2.4 m"},
}
WHOLE: dict[str, Any] = {
    "lines": [LINE, {**LINE, "sku": "CUP", "quantity": 1, "location": "W1", "price_reason": "A dent."}],
    "channel": "marketplace",
    "external_id": "W-1001",
    "currency": "USD",
    "locale": "zh_Hans",
    "customer_id": "00000000-0000-0000-0000-000000000001",
    "contact": {"name": "Anna", "phone": "+8613912345678", "email": "anna@example.com"},
    "ship_to": SHIP_TO,
    "bill_to": BILL_TO,
    "location": "W1",
    "split": "freely",
    "payment_terms": "on_account",
    "payment_method": "voucher",
    "delivery_wish": "2031-01-02",
    "notes": [{"kind": "delivery", "text": "Ring twice."}, {"kind": "internal", "text": "Regular."}],
    "tags": ["gift", "VIP", "red, large"],
    "discount": {"reason": "Late last time.", "rate_ppm": 50_000},
    "shipping_method": "express",
    "shipping_minor": 500,
    "shipping_tax_minor": 40,
    "history": {"placed_at": "2026-01-02T03:04:05Z", "claims_stock": True},
    "cart_id": "00000000-0000-0000-0000-000000000002",
    "coupons": ["SPRING10"],
    "gifts": [{"promotion": "mug", "sku": "MUG"}, "PEN"],
    "attributes": {"age": 18, "source": "app"},
    "expected_total_minor": 9_900,
    "wallets": [
        {"kind": "points", "points": 20, "amount_minor": 20},
        {"kind": "gift_card", "wallet_id": "00000000-0000-0000-0000-000000000003", "amount_minor": 200},
        {"kind": "credit", "amount_minor": 250},
    ],
}
"""A draft that says everything a draft can say. Whoever gives drafts a new field adds it here, and the form shows it or
keeps it."""

NEVER_KEPT = {"code"}
"""Codes of gift cards: a draft may not have them."""


class Inputs(HTMLParser):
    """Read what a browser would send of a form's inputs."""

    def __init__(self, shown: str) -> None:
        super().__init__()
        self.fields: dict[str, list[str]] = {}
        self._select = self._textarea = ""
        self.feed(shown)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        if tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in given or self._select not in self.fields):
            self.fields[self._select] = [given.get("value", "")]
        elif tag == "textarea":
            self._textarea = name
            self.fields.setdefault(name, []).append("")
        elif tag == "input" and name and (given.get("type") not in {"checkbox", "radio"} or "checked" in given):
            self.fields.setdefault(name, []).append(given.get("value", ""))

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self.fields[self._textarea][-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._textarea = ""


def sent(shown: str) -> dict[str, Any]:
    """Return what the form of a page sends, as it stands."""
    form = shown[shown.index("data-new-order") :]
    fields = Inputs(form[: form.index("</form>")]).fields
    return {name: values for name, values in fields.items() if name not in {csrf.FIELD, sending.FIELD, "customer"}}


async def saved(db: Database, scope: Scope, data: dict[str, Any]) -> SavedDraft:
    return await db.write(scope, lambda tx: orders.save_draft(tx, data=data, caller="program"))


def again(data: dict[str, Any]) -> dict[str, Any]:
    """Return a draft that was opened in the form and kept at once."""
    form: Filled[Any] = Filled("en", None, new_order_form.raw_of_draft(data, "CNY"), {})
    return new_order_form.draft_of(form, new_order_kept.currency_of(form, "CNY"))


def names_of(kind: type[msgspec.Struct]) -> set[str]:
    return {field.encode_name for field in msgspec.structs.fields(kind)}


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (NewOrder, [WHOLE]),
        (NewLine, WHOLE["lines"]),
        (AsSold, [LINE["as_sold"]]),
        (Contact, [WHOLE["contact"]]),
        (Address, [SHIP_TO]),
        (NewNote, WHOLE["notes"]),
        (OrderDiscount, [WHOLE["discount"], {"reason": "Late.", "amount_minor": 100}]),
        (WalletUse, WHOLE["wallets"]),
        (GiftChoice, WHOLE["gifts"][:1]),
    ],
)
def test_the_whole_draft_says_every_field_there_is(kind: type[msgspec.Struct], said: list[dict[str, Any]]) -> None:
    assert {name for one in said for name in one} == names_of(kind) - NEVER_KEPT


def test_the_whole_draft_is_a_draft() -> None:
    assert msgspec.convert(WHOLE, NewOrder).external_id == "W-1001"


@pytest.mark.parametrize("name", sorted(WHOLE))
def test_every_field_of_a_draft_is_shown_or_kept(name: str) -> None:
    assert again(WHOLE)[name] == WHOLE[name]
    alone = {"lines": [], "channel": "api", name: WHOLE[name]}
    assert again(alone)[name] == WHOLE[name], "whatever else it says"


@pytest.mark.parametrize("name", sorted(LINE.keys() - {"sku", "quantity"}))
def test_every_field_of_a_line_is_shown_or_kept(name: str) -> None:
    said = {name: LINE[name]} | ({"unit_price_minor": 750} if name == "price_reason" else {})
    (line,) = again({"lines": [{"sku": "TEA", "quantity": 2, **said}]})["lines"]
    assert line[name] == LINE[name]


def test_what_nobody_knows_stays_too() -> None:
    data = {"lines": [{"sku": "TEA", "quantity": 1, "color": "red"}], "channel": "api", "season": {"of": 2026}}
    assert again(data) == data


def test_a_draft_that_says_odd_things_can_be_opened() -> None:
    odd: dict[str, Any] = {
        "lines": ["odd", {"sku": 7, "unit_price_minor": "cheap", "attributes": [1]}],
        "contact": "Anna",
        "ship_to": 5,
        "bill_to": ["Berlin"],
        "notes": {"text": "x"},
        "discount": "much",
        "currency": 7,
        "split": [],
        "history": "long ago",
        "tags": "gift",
    }
    form: Filled[Any] = Filled("en", None, new_order_form.raw_of_draft(odd, "CNY"), {})
    assert new_order_kept.currency_of(form, "CNY") == "CNY"
    told = {x.name: x.value for x in new_order_kept.shown(new_order_kept.of(form), "CNY", "en")}
    assert (told["bill_to"], told["currency"], told["split"]) == ('["Berlin"]', "7", "[]")
    broken: Filled[Any] = Filled("en", None, {"kept": ["{odd"]}, {})
    assert new_order_kept.of(broken) == {}


def test_what_a_row_keeps_is_of_its_sku_and_what_was_sold_of_its_quantity() -> None:
    raw = new_order_form.raw_of_draft({"lines": [LINE]}, "CNY")

    def line(**typed: list[str]) -> dict[str, Any]:
        (found,) = new_order_form.draft_of(Filled("en", None, {**raw, **typed}, {}), "CNY")["lines"]
        return found  # type: ignore[no-any-return]  # as it is kept

    assert line(sku=["CUP"], said_name=[], said_value=[]) == {
        "sku": "CUP", "quantity": 2, "unit_price_minor": 750, "price_reason": "Agreed on.",
    }  # fmt: skip
    assert "as_sold" not in line(quantity=["3"])
    assert line(quantity=["3"])["location"] == "W2"
    emptied = {"said_row": ["0"], "said_sku": ["TEA"], "said_name": ["width"], "said_value": [""]}
    assert line(**emptied)["attributes"] == {"engraving": "Anna"}, "what the row asks for is what it says"


def test_the_point_of_an_address_and_a_rate_give_way_to_what_is_typed() -> None:
    raw = new_order_form.raw_of_draft(WHOLE, "CNY")
    moved = new_order_form.draft_of(Filled("en", None, {**raw, "line1": ["Elsewhere 2"]}, {}), "USD")["ship_to"]
    collected = new_order_form.draft_of(Filled("en", None, {**raw, "how": ["collect"]}, {}), "USD")
    cheaper = new_order_form.draft_of(Filled("en", None, {**raw, "discount": ["1.00"]}, {}), "USD")["discount"]
    assert "lat" not in moved
    assert "ship_to" not in collected
    assert cheaper == {"reason": "", "amount_minor": 100}


async def test_a_programs_draft_is_opened_saved_and_placed_whole(db: Database, scope: Scope) -> None:
    await stock(db, scope)
    data = {
        "lines": [{"sku": "TEA", "quantity": 2, "location": "W2", "unit_price_minor": 750, "price_reason": "Agreed."}],
        "channel": "marketplace",
        "external_id": "W-1001",
        "currency": "USD",
        "locale": "zh_Hans",
        "contact": {"name": "Anna"},
        "ship_to": SHIP_TO,
        "bill_to": BILL_TO,
        "split": "freely",
        "notes": WHOLE["notes"],
        "shipping_minor": 500,
    }
    draft = await saved(db, scope, data)
    async with open_console(db, scope) as client:
        opened = await page(client, f"{NEW}?draft={draft.draft_id}")
        kept = await submit(client, NEW, {**sent(opened), "action": "keep"}, on=NEW)
        (unchanged,) = await drafts(db, scope)
        edited = {**sent(kept.text), "contact_name": ["Anna Bell"], "action": "preview"}
        looked = await submit(client, NEW, edited, on=NEW)
        (changed,) = await drafts(db, scope)
        placed = await submit(client, NEW, {**sent(looked.text), "action": "place"}, on=NEW)
    assert (unchanged.data, unchanged.version) == (data, 1), "nothing is written where nothing changed"
    assert changed.data == {**data, "contact": {"name": "Anna Bell"}}
    told = html.unescape(opened)
    for text in ("USD", "Billing address", "Anna Bell, Lange Str. 1, Berlin, 10115 DE", "Shipping as sold", "$5.00"):
        assert text in told
    for text in ("Ships from: W2", "Regular.", "Freely", "W-1001", "39.9, 116.4"):
        assert text in told
    assert looked.status_code == 200, re.findall(r'class="(?:body )?wrong"[^>]*>([^<]*)', looked.text)
    assert "$20.00" in html.unescape(looked.text), "2 × 7.50 and 5.00 for shipping"
    order_id = UUID(placed.headers["location"][-36:])
    found = await current(db, scope, order_id)
    async with db.read(scope) as tx:
        details = (await queries.details(tx, [order_id]))[found.order.order_id]
        split = await tx.execute(sa.select(Order.split).where(Order.tenant_id == tx.tenant, Order.order_id == order_id))
    assert (found.order.currency, found.order.total_minor, found.order.external_id) == ("USD", 2_000, "W-1001")
    assert split.scalar_one() == "freely"
    assert found.order.channel == "marketplace"
    assert details.addresses["bill_to"].line1 == "Lange Str. 1"
    assert details.addresses["ship_to"].lat == pytest.approx(39.9)
    assert sorted(note.text for note in details.notes) == ["Regular.", "Ring twice."]


async def test_what_is_kept_can_be_taken_out(db: Database, scope: Scope) -> None:
    await stock(db, scope)
    data = {"lines": [{"sku": "TEA", "quantity": 2}], "channel": "phone", "split": "never", "expected_total_minor": 1}
    draft = await saved(db, scope, data)
    async with open_console(db, scope) as client:
        opened = await page(client, f"{NEW}?draft={draft.draft_id}")
        refused = await submit(client, NEW, {**sent(opened), "action": "preview"}, on=NEW)
        without = {**sent(opened), "remove_kept": "expected_total_minor"}
        shown = await submit(client, NEW, without, on=NEW)
        placed = await submit(client, NEW, {**sent(shown.text), "action": "place"}, on=NEW)
    (kept,) = sent(shown.text)["kept"]
    assert refused.status_code == 409, "the total is another one"
    assert msgspec.json.decode(kept) == {"split": "never"}
    assert placed.status_code == 303


async def test_what_is_wrong_with_what_is_kept_is_told(db: Database, scope: Scope) -> None:
    await stock(db, scope)
    line = {"sku": "TEA", "quantity": 2, "location": 7}
    odd = await saved(db, scope, {"lines": [line], "channel": "phone"})
    season = await saved(db, scope, {"lines": [{"sku": "TEA", "quantity": 2}], "channel": "phone", "season": "x"})
    async with open_console(db, scope) as client:
        told = []
        for draft in (odd, season):
            opened = await page(client, f"{NEW}?draft={draft.draft_id}")
            told.append((await submit(client, NEW, {**sent(opened), "action": "preview"}, on=NEW)).text)
    assert 'id="row-0-error"' in told[0]
    assert "season" in told[1]
