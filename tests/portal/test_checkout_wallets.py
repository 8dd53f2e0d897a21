"""Gift cards and store credit at the checkout: what they pay, what is left, and what happens when they change."""

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import psycopg
from psycopg import sql

from jiedan.accounts.rules import CODES_PER_CALLER_MAX
from jiedan.base.db import Database, Scope
from jiedan.base.recorder import StatementRecorder
from jiedan.orders import queries as orders
from jiedan.orders import service as order_service
from jiedan.orders.rules import tickets
from jiedan.orders.service import OrderDesk
from jiedan.orders.values import LinePrice, Order, PriceEdit
from jiedan.payments import queries as payments
from jiedan.payments.values import Payment
from jiedan.pricing import service as pricing
from jiedan.pricing.values.promotions import AmountOff, Promotion
from jiedan.wallets import service
from jiedan.wallets.rules import spelled
from jiedan.wallets.values import IssuedCard
from tests.base.web_client import SECRET
from tests.conftest import FakeClock
from tests.orders.test_promotions import publish
from tests.portal import people
from tests.portal.factories import CHECKOUT, HTML, Visitor, open_shop, visiting
from tests.portal.test_wallets import issued, mei
from tests.privacy import test_canary
from tests.wallets import factories
from tests.wallets.factories import act, balance, credit, spend

TO_ACME = "To Acme, account 42."
FRONT = {"pays_on_delivery": True, "transfer_instructions": TO_ACME}
UNKNOWN = "3467-9ACD-EFGH-JKMN"
CHANGED = "What gift cards, store credit and points pay has changed."
STATEMENTS_MAX = 60


async def opened(db: Database, scope: Scope, **settings: Any) -> None:
    """Open a shop where tea costs 30.00."""
    await open_shop(db, scope, front=FRONT, **settings)


async def press(who: Visitor, shown: str, **changes: Any) -> httpx2.Response:
    """Send the form of a checkout as it was shown, with what was changed in it."""
    form = shown.partition('class="checkout"')[2].partition("</form>")[0]
    kept: dict[str, Any] = {}
    for name, value in re.findall(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)"', form):
        kept.setdefault(name, []).append(value)
    if 'name="credit" id="f-credit" value="1" checked' in form:
        kept["credit"] = "1"
    if 'name="points" id="f-points" value="1" checked' in form:
        kept["points"] = "1"
    fields = {"payment": "transfer", **kept, **CHECKOUT, **changes}
    sent = {name: value for name, value in fields.items() if value is not None}
    return await who.client.post(f"{who.base}/checkout", data=sent, headers=HTML, follow_redirects=False)


async def put_on(who: Visitor, shown: str, card: IssuedCard) -> str:
    """Type the code of a card that must be fine; return the checkout as it is then."""
    answer = await press(who, shown, action="gift_card", gift_card=spelled(card.code).lower())
    assert answer.status_code == 200, answer.text
    assert (f"…{card.card.last_four}" in answer.text, card.code in answer.text) == (True, False)
    return answer.text


async def place(who: Visitor, shown: str, **changes: Any) -> httpx2.Response:
    """Place the order of a checkout as it was shown."""
    return await press(who, shown, action="place", **changes)


async def bought(db: Database, scope: Scope, answer: httpx2.Response) -> tuple[Order, list[Payment]]:
    """Return the order that a checkout has led to, and what it was paid with."""
    assert answer.status_code == 303, answer.text
    order_id = tickets.order_of(SECRET, scope.tenant, answer.headers["location"].rpartition("/")[2].partition("?")[0])
    assert order_id is not None
    async with db.read(scope) as tx:
        found = (await orders.order(tx, order_id)).order
        return found, (await payments.payments_of_orders(tx, [order_id])).get(found.order_id, [])


async def spent(db: Database, scope: Scope, card: IssuedCard, amount: int) -> None:
    """Let somebody else spend so much of a card."""
    await act(db, scope, service.redeem_many, redemptions=[spend(card.card.wallet.wallet_id, amount)])


def rows(shown: str) -> dict[str, str]:
    """Return the sums of a page by their labels."""
    return dict(re.findall(r"<dt(?: class=\"t\")?>([^<]+)</dt><dd(?: class=\"t\")?>([^<]+)</dd>", shown))


async def test_a_guest_pays_a_part_by_a_card_and_the_rest_by_another_way(
    db: Database, scope: Scope, tmp_path: Path, owner: psycopg.Connection[Any]
) -> None:
    await opened(db, scope)
    card = await issued(db, scope, amount=2_000)
    last = card.card.last_four
    async with visiting(db, scope, tmp_path) as who:
        await who.put_in("longjing", "TEA-50")
        plain = await who.get("/checkout")
        assert ("Pay with store credit" in plain, "Still to be paid" in plain) == (False, False)
        shown = await put_on(who, plain, card)
        assert "Pays CN¥20.00 and is used up then." in shown
        assert (rows(shown)[f"Gift card …{last}"], rows(shown)["Still to be paid"]) == ("-CN¥20.00", "CN¥10.00")
        again = await press(who, shown, action="gift_card", gift_card=card.code)
        assert (again.status_code, "pays already" in again.text) == (409, True)
        proof = re.findall(r'name="card" value="([^"]+)"', shown)[0]
        out = await press(who, shown, remove_card=proof)
        assert (out.status_code, f"…{last}" in out.text, "Still to be paid" in out.text) == (200, False, False)
        answer = await place(who, await put_on(who, out.text, card))
        placed = await who.follow(answer)
        page = re.search(rf'href="{who.base}(/orders/[^"]+)"', placed)
        assert page is not None
        own = await who.get(page[1].replace("&amp;", "&"))
    order, tenders = await bought(db, scope, answer)
    assert (order.total_minor, order.balance_minor, order.payment_status) == (3_000, -1_000, "partly_paid")
    assert [(x.method, x.amount_minor) for x in tenders] == [("gift_card", 2_000), ("bank_transfer", 1_000)]
    assert (rows(placed)[f"Gift card …{last}"], rows(placed)["Still to be paid"]) == ("-CN¥20.00", "CN¥10.00")
    assert f'Gift card <span class="mono">…{last}</span>' in own
    assert "Bank transfer" in own
    assert await balance(db, scope, card.card.wallet.wallet_id) == 0
    assert holding(owner, scope.tenant, card.code, spelled(card.code)) == []


def holding(owner: psycopg.Connection[Any], tenant: UUID, *texts: str) -> list[str]:
    """Return the columns in which a merchant's rows hold one of the texts."""
    looked_for = [f"%{text}%".lower() for text in texts]
    found = []
    for table, column in test_canary.columns():
        asked = sql.SQL("SELECT count(*) FROM {} WHERE tenant_id = %s AND lower({}::text) LIKE ANY(%s)")
        statement = asked.format(sql.Identifier(table), sql.Identifier(column))
        if owner.execute(statement, [tenant, looked_for]).fetchone() != (0,):
            found.append(f"{table}.{column}")
    return found


async def test_a_customer_pays_all_by_card_and_credit_and_chooses_no_way_to_pay(
    db: Database, scope: Scope, tmp_path: Path
) -> None:
    await opened(db, scope)
    card = await issued(db, scope, amount=2_000)
    async with visiting(db, scope, tmp_path) as who:
        await people.join(who, db, scope)
        await factories.moved(db, scope, credit(await mei(db, scope), 5_000))
        await who.put_in("longjing", "TEA-50")
        shown = await who.get("/checkout")
        assert "You have CN¥50.00." in shown
        shown = await put_on(who, shown, card)
        assert 'type="radio" name="payment"' in shown
        chosen = (await press(who, shown, action="preview", credit="1")).text
        assert "CN¥10.00 of your CN¥50.00" in chosen
        assert "Nothing else is to be paid." in chosen
        assert 'type="radio" name="payment"' not in chosen
        assert (rows(chosen)["Store credit"], rows(chosen)["Still to be paid"]) == ("-CN¥10.00", "CN¥0.00")
        answer = await place(who, chosen)
        placed = await who.follow(answer)
    order, tenders = await bought(db, scope, answer)
    assert (order.balance_minor, order.payment_status) == (0, "paid")
    assert [(x.method, x.amount_minor) for x in tenders] == [("gift_card", 2_000), ("store_credit", 1_000)]
    assert "Thank you for your order" in placed
    assert answer.headers["location"].count("?") == 0


async def test_every_code_that_pays_nothing_gets_the_same_answer(
    db: Database, scope: Scope, tmp_path: Path, clock: FakeClock
) -> None:
    await opened(db, scope)
    over = await issued(db, scope, expires_at=clock.now() + timedelta(hours=1))
    empty, blocked, foreign = [await issued(db, scope, currency=unit) for unit in ("CNY", "CNY", "USD")]
    bad_foreign = await issued(db, scope, currency="USD")
    await spent(db, scope, empty, 5_000)
    for card in (blocked, bad_foreign):
        await act(db, scope, service.set_blocked, wallet_id=card.card.wallet.wallet_id, is_blocked=True)
    clock.advance(timedelta(hours=2))
    async with visiting(db, scope, tmp_path) as who:
        await who.put_in("longjing", "TEA-50")
        shown = await who.get("/checkout")
        said = set()
        for code in (UNKNOWN, "nonsense", over.code, empty.code, blocked.code, bad_foreign.code):
            answer = await press(who, shown, action="gift_card", gift_card=code, note="Ring twice.")
            assert ("The gift card was not taken" in answer.text, "Ring twice." in answer.text) == (True, True)
            told = re.search(r'<a href="#f-gift_card">[^<]+</a>: ([^<]+)', answer.text)
            assert told is not None
            said.add((answer.status_code, told[1]))
        elsewhere = await press(who, shown, action="gift_card", gift_card=foreign.code)
    assert [(status, "No gift card with this code can pay." in text) for status, text in said] == [(422, True)]
    assert (elsewhere.status_code, "is in USD, the order in CNY" in elsewhere.text) == (409, True)


async def test_who_tries_many_codes_at_the_checkout_has_to_wait(db: Database, scope: Scope, tmp_path: Path) -> None:
    await opened(db, scope)
    card = await issued(db, scope)
    async with visiting(db, scope, tmp_path) as who:
        await who.put_in("longjing", "TEA-50")
        shown = await who.get("/checkout")
        for _ in range(CODES_PER_CALLER_MAX):
            assert (await press(who, shown, action="gift_card", gift_card=UNKNOWN)).status_code == 422
        over = await press(who, shown, action="gift_card", gift_card=card.code)
    assert (over.status_code, "Too many gift card codes were tried." in over.text) == (429, True)
    assert f"…{card.card.last_four}" not in over.text


async def test_what_was_spent_meanwhile_leads_back_with_everything_kept(
    db: Database, scope: Scope, tmp_path: Path
) -> None:
    await opened(db, scope)
    card, other = [await issued(db, scope, amount=2_000) for _ in range(2)]
    async with visiting(db, scope, tmp_path) as who:
        await who.put_in("longjing", "TEA-50")
        shown = await put_on(who, await put_on(who, await who.get("/checkout"), card), other)
        assert rows(shown)["Still to be paid"] == "CN¥0.00"
        await spent(db, scope, card, 2_000)
        back = await place(who, shown, note="Ring twice.")
        assert (back.status_code, CHANGED in back.text, "Ring twice." in back.text) == (409, True, True)
        assert f"Nothing is left on the gift card that ends with {card.card.last_four}." in back.text
        assert rows(back.text)["Still to be paid"] == "CN¥10.00"
        answer = await place(who, back.text)
    _, tenders = await bought(db, scope, answer)
    assert [(x.method, x.amount_minor) for x in tenders] == [("gift_card", 2_000), ("bank_transfer", 1_000)]


class Overtaken:
    """A desk at which somebody else was quicker."""

    def __init__(self, desk: OrderDesk, first: Callable[[], Awaitable[None]]) -> None:
        self._desk, self._first = desk, first

    async def place(self, *args: Any, **facts: Any) -> Any:
        """Let the other one go first, then place."""
        await self._first()
        return await self._desk.place(*args, **facts)


async def test_what_is_spent_while_the_order_is_placed_leads_back_too(
    db: Database, scope: Scope, tmp_path: Path
) -> None:
    await opened(db, scope)
    card = await issued(db, scope, amount=2_000)
    async with visiting(db, scope, tmp_path) as who:
        await who.put_in("longjing", "TEA-50")
        shown = await put_on(who, await who.get("/checkout"), card)
        parts = who.client.frame.runtime.parts
        desk = parts[OrderDesk]
        parts[OrderDesk] = Overtaken(desk, lambda: spent(db, scope, card, 500))
        back = await place(who, shown)
        parts[OrderDesk] = desk
        assert (back.status_code, CHANGED in back.text) == (409, True)
        assert "Pays CN¥15.00 and is used up then." in back.text
        assert await balance(db, scope, card.card.wallet.wallet_id) == 1_500
        answer = await place(who, back.text)
    order, _ = await bought(db, scope, answer)
    assert order.balance_minor == -1_500


async def test_a_code_that_is_typed_and_sent_with_the_order_is_shown_first(
    db: Database, scope: Scope, tmp_path: Path
) -> None:
    await opened(db, scope)
    card = await issued(db, scope, amount=5_000)
    async with visiting(db, scope, tmp_path) as who:
        await who.put_in("longjing", "TEA-50")
        back = await place(who, await who.get("/checkout"), gift_card=card.code)
        assert (back.status_code, CHANGED in back.text) == (409, True)
        assert "Pays CN¥30.00, CN¥20.00 stays on it." in back.text
        answer = await place(who, back.text)
    order, _ = await bought(db, scope, answer)
    assert order.payment_status == "paid"
    assert await balance(db, scope, card.card.wallet.wallet_id) == 2_000


async def test_a_script_that_sends_a_half_typed_code_tries_nothing_and_keeps_it(
    db: Database, scope: Scope, tmp_path: Path
) -> None:
    await opened(db, scope)
    async with visiting(db, scope, tmp_path) as who:
        await who.put_in("longjing", "TEA-50")
        shown = await who.get("/checkout")
        token = shown.partition('name="csrf_token" value="')[2].partition('"')[0]
        fields = {**CHECKOUT, "csrf_token": token, "gift_card": "3467"}
        script = {**HTML, "hx-request": "true", "hx-request-type": "partial"}
        part = await who.client.post(f"{who.base}/checkout", data=fields, headers=script)
    assert (part.status_code, 'value="3467"' in part.text, "No gift card" in part.text) == (200, True, False)


async def test_nothing_that_was_not_proven_pays(db: Database, scope: Scope, tmp_path: Path) -> None:
    await opened(db, scope)
    card = await issued(db, scope)
    other = await factories.customer(db, scope)
    await factories.moved(db, scope, credit(other, 5_000))
    async with visiting(db, scope, tmp_path) as who:
        await who.put_in("longjing", "TEA-50")
        shown = await who.get("/checkout")
        for wrong in (str(card.card.wallet.wallet_id), "A" * 43, "…"):
            page = await press(who, shown, action="preview", card=wrong, credit="1")
            assert (page.status_code, "Still to be paid" in page.text) == (200, False)
    assert await balance(db, scope, card.card.wallet.wallet_id) == 5_000


async def test_the_checkout_costs_as_many_statements_with_four_cards_as_with_one(
    db: Database, scope: Scope, tmp_path: Path, recorder: StatementRecorder
) -> None:
    await opened(db, scope)
    cards = [await issued(db, scope, amount=500) for _ in range(4)]
    async with visiting(db, scope, tmp_path) as who:
        await people.join(who, db, scope)
        await factories.moved(db, scope, credit(await mei(db, scope), 5_000))
        await who.put_in("longjing", "TEA-50")
        shown = await who.get("/checkout")
        counts = []
        for card in cards:
            shown = await put_on(who, shown, card)
            with recorder.watching() as sent:
                page = await press(who, shown, action="preview", credit="1")
            counts.append(len(sent))
    assert rows(page.text)["Still to be paid"] == "CN¥0.00"
    assert max(counts) <= STATEMENTS_MAX, counts
    assert counts[1:] == counts[:-1], counts


async def test_rows_without_tax_add_up_to_the_total_with_it(db: Database, scope: Scope, tmp_path: Path) -> None:
    await opened(db, scope, prices_include_tax=False)
    await publish(db, scope, Promotion("off", "Ten off", AmountOff({"CNY": 1_000})))
    async with db.begin(scope) as tx:
        await pricing.set_shipping_fees(tx, rows=[pricing.ShippingFeeRow("CNY", 500, None, "standard")])
    async with visiting(db, scope, tmp_path) as who:
        await who.put_in("longjing", "TEA-50", 2)
        shown = await who.get("/checkout")
        placed = await who.follow(await place(who, shown))
        page = re.search(rf'href="{who.base}(/orders/[^"]+)"', placed)
        assert page is not None
        order = await who.get(page[1].replace("&amp;", "&"))
    told = {name: rows(shown)[name] for name in ("Subtotal", "Shipping fee", "Savings", "Tax", "Total")}
    # 60.00 of goods, 5.00 to ship them, 10.00 off, 13 % of the 55.00 that are left
    amounts = ("CN¥60.00", "CN¥5.00", "-CN¥10.00", "CN¥7.15", "CN¥62.15")
    assert tuple(told.values()) == amounts
    after = {"Shipping fee": "CN¥5.00", "Tax": "CN¥7.15", "Total": "CN¥62.15"}
    assert after.items() <= rows(placed).items()
    assert (after | {"Subtotal": "CN¥50.00"}).items() <= rows(order).items()
    assert "<b>CN¥50.00</b>" in placed  # 2 × 30.00 less 10.00


async def test_what_an_order_costs_more_is_paid_with_the_rest_of_the_credit_or_by_a_bank(
    db: Database, scope: Scope, tmp_path: Path
) -> None:
    await opened(db, scope)
    async with visiting(db, scope, tmp_path) as who:
        await people.join(who, db, scope)
        await factories.moved(db, scope, credit(await mei(db, scope), 3_400))
        await who.put_in("longjing", "TEA-50")
        shown = await press(who, await who.get("/checkout"), action="preview", credit="1")
        answer = await place(who, shown.text)
        order, _ = await bought(db, scope, answer)
        wish = LinePrice(line=1, unit_price_minor=4_000, price_reason="Agreed on.")
        edit = PriceEdit(lines=(wish,))
        await act(db, scope, order_service.set_prices, order_id=order.order_id, edit=edit, version=None)
        thanks = "/placed/" + answer.headers["location"].rpartition("/placed/")[2].partition("?")[0]
        dearer = await who.get(thanks)
        assert ("CN¥4.00 are there" in dearer, 'value="credit"' in dearer) == (True, True)
        await who.send(f"{thanks}/payments", {"payment": "credit"}, on=thanks)
        rest = await who.get(thanks)
        assert ("are there" in rest, 'value="transfer"' in rest) == (False, True)
        await who.send(f"{thanks}/payments", {"payment": "transfer"}, on=thanks)
        sending = await who.get(thanks)
    assert TO_ACME in sending
    order, tenders = await bought(db, scope, answer)
    assert (order.expires_at, order.balance_minor) == (None, -600)
    assert [(x.method, x.amount_minor) for x in tenders] == [
        ("store_credit", 3_000),
        ("store_credit", 400),
        ("bank_transfer", 600),
    ]


async def test_who_only_has_the_link_does_not_spend_the_credit_of_the_customer(
    db: Database, scope: Scope, tmp_path: Path
) -> None:
    await opened(db, scope)
    async with visiting(db, scope, tmp_path) as who:
        await people.join(who, db, scope)
        await who.put_in("longjing", "TEA-50")
        answer = await place(who, await who.get("/checkout"), payment="transfer")
        await factories.moved(db, scope, credit(await mei(db, scope), 3_000))
        thanks = "/placed/" + answer.headers["location"].rpartition("/placed/")[2].partition("?")[0]
    async with visiting(db, scope, tmp_path) as other:
        assert 'value="credit"' not in await other.get(thanks)
        await other.send(f"{thanks}/payments", {"payment": "credit"}, on="/cart")
    assert [x.method for x in (await bought(db, scope, answer))[1]] == ["bank_transfer"]
