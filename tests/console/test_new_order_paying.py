"""Coupons, gift cards, store credit and points of a new order from the console."""

import contextlib
import re
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import psycopg

from jiedan.accounts.rules import CODES_PER_CALLER_MAX
from jiedan.accounts.values import ALL_PERMISSIONS
from jiedan.base.db import Database, Scope
from jiedan.base.runtime import Part
from jiedan.console import new_order_form, new_order_paying_form, pages
from jiedan.orders import service as orders
from jiedan.orders.values import WalletUse
from jiedan.payments import queries as payment_queries
from jiedan.payments import service as payments
from jiedan.payments.providers import gateways
from jiedan.pricing.values.promotions import AmountOff, Promotion, When
from jiedan.wallets import service as wallets
from jiedan.wallets.rules import spelled
from jiedan.wallets.values import IssuedCard, LoyaltyRule
from tests.base import web_client
from tests.console.test_new_order import NEW, TEA, drafts, known, send, stock
from tests.console.test_pages import current, page, submit
from tests.orders.test_promotions import SPRING, publish
from tests.portal.test_checkout_wallets import UNKNOWN, holding
from tests.portal.test_wallets import issued
from tests.pricing import coupon_factories as coupons
from tests.wallets import factories
from tests.wallets.factories import act, balance

LARGE = Promotion("large", "Large", AmountOff({"CNY": 500}), when=When(coupon="required", min_spend={"CNY": 10_000}))


@contextlib.asynccontextmanager
async def desk(
    db: Database, scope: Scope, rights: frozenset[str] = ALL_PERMISSIONS
) -> AsyncIterator[web_client.Client]:
    """Open the console of a merchant whose orders are paid out of wallets."""
    caller = web_client.principal(permissions=rights, tenant=scope.tenant)
    parts: list[Part] = [payments.open_order_desk, gateways.open_gateways]
    async with web_client.open_client(
        routers=[pages.ROUTER], principal=caller, session=True, database=db, parts=parts
    ) as client:
        yield client


async def offers(db: Database, scope: Scope) -> None:
    """Sell tea for 10.00, with a code for 1.00 off, and one for large orders."""
    await stock(db, scope)
    await publish(db, scope, SPRING, LARGE)
    await coupons.batch(db, scope, uses_max=None)
    await coupons.batch(db, scope, promotion="large", codes=("LARGE5",), uses_max=None)


def kept(shown: str) -> dict[str, list[str]]:
    """Return the codes and cards that a page keeps."""
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="(coupon_taken|card|own_card)" value="([^"]+)"', shown):
        found.setdefault(name, []).append(value)
    return found


async def paid_with(db: Database, scope: Scope, order_id: UUID) -> list[tuple[str, int]]:
    async with db.read(scope) as tx:
        found = await payment_queries.payments_of_orders(tx, [order_id])
    return [(x.method, x.amount_minor) for of in found.values() for x in of]


async def test_coupons_are_taken_one_after_the_other_and_told(db: Database, scope: Scope) -> None:
    await offers(db, scope)
    async with desk(db, scope) as client:
        one = await send(client, {**TEA, "coupon": "spring-10"}, "preview")
        both = await send(client, {**TEA, **kept(one.text), "coupon": "LARGE5"}, "preview")
        wrong = await send(client, {**TEA, **kept(both.text), "coupon": "NOPE77"}, "preview")
        out = await send(client, {**TEA, **kept(both.text), "remove_coupon": "LARGE5"}, "preview")
        untold = await send(client, {**TEA, **kept(one.text), "coupon": "LARGE5"}, "keep")
        (draft,) = await drafts(db, scope)
        placed = await send(client, {**TEA, **kept(one.text)}, "place")
    assert (one.status_code, kept(one.text)) == (200, {"coupon_taken": ["SPRING10"]})
    assert ("It counts." in one.text, "CN¥19.00" in one.text, "<b>Spring</b>" in one.text) == (True, True, True)
    assert (
        'id="coupon" value="" maxlength="64" autocomplete="off" data-code aria-describedby="coupon-hint" autofocus'
        in (one.text)
    ), "the next code may follow"
    assert kept(both.text)["coupon_taken"] == ["SPRING10", "LARGE5"]
    assert "needs CN¥80.00 more" in both.text
    assert (wrong.status_code, kept(wrong.text)) == (422, kept(both.text))
    assert 'id="coupon-error">The coupon NOPE77 cannot be used: there is no such code.' in wrong.text
    assert "CN¥19.00" in wrong.text, "what else it costs is told all the same"
    assert kept(out.text) == {"coupon_taken": ["SPRING10"]}
    assert kept(untold.text) == {"coupon_taken": ["SPRING10"]}, "a code that is being typed is not tried"
    assert draft.data["coupons"] == ["SPRING10"]
    found = await current(db, scope, UUID(placed.headers["location"][-36:]))
    assert found.order.total_minor == 1_900


async def test_a_code_that_is_typed_as_the_order_is_placed_counts_and_is_refused_at_its_field(
    db: Database, scope: Scope
) -> None:
    await offers(db, scope)
    async with desk(db, scope) as client:
        refused = await send(client, {**TEA, "coupon": "NOPE77"}, "place")
        placed = await send(client, {**TEA, "coupon": "spring10"}, "place")
        again = await send(client, {**TEA, "coupon": "spring10"}, "place")
    assert refused.status_code == 422
    assert 'id="coupon-error">The coupon NOPE77 cannot be used' in refused.text
    assert placed.headers["location"] == again.headers["location"]
    assert (await current(db, scope, UUID(placed.headers["location"][-36:]))).order.total_minor == 1_900


async def test_who_tries_many_codes_waits_in_the_form_and_in_the_list_of_drafts(db: Database, scope: Scope) -> None:
    await offers(db, scope)
    async with desk(db, scope) as client:
        for n in range(CODES_PER_CALLER_MAX - 1):
            assert (await send(client, {**TEA, "coupon": f"GUESS-{n}"}, "preview")).status_code == 422
        wrong = {"lines": [{"sku": "TEA", "quantity": 1}], "coupons": ["GUESS-X"]}
        guess = await db.write(scope, lambda tx: orders.save_draft(tx, data=wrong, caller="program"))
        right = {**wrong, "coupons": ["SPRING10"]}
        draft = await db.write(scope, lambda tx: orders.save_draft(tx, data=right, caller="program"))
        told = await submit(client, f"/orders/drafts/{guess.draft_id}/placement", {}, on="/orders/drafts")
        shown = await page(client, told.headers["location"].removeprefix("/c/acme"))
        over = await send(client, {**TEA, "coupon": "spring10"}, "preview")
        waits = await submit(client, f"/orders/drafts/{draft.draft_id}/placement", {}, on="/orders/drafts")
        why = await page(client, waits.headers["location"].removeprefix("/c/acme"))
        without = await send(client, {**TEA, "key": "k-9"}, "place")
    assert "The coupon GUESS-X cannot be used" in shown
    assert (over.status_code, "Retry-After" in over.headers) == (429, True)
    assert 'id="coupon-error"' in over.text
    assert "Too many coupon codes were tried." in why, "the try from the list of drafts counted"
    assert without.status_code == 303


async def test_a_gift_card_pays_without_its_code_being_kept(
    db: Database, scope: Scope, owner: psycopg.Connection[Any]
) -> None:
    await offers(db, scope)
    card = await issued(db, scope, amount=1_500)
    last = card.card.last_four
    async with desk(db, scope) as client:
        taken = await send(client, {**TEA, "gift_card": spelled(card.code).lower()}, "preview")
        again = await send(client, {**TEA, **kept(taken.text), "gift_card": card.code}, "preview")
        unknown = await send(client, {**TEA, "gift_card": UNKNOWN}, "preview")
        elsewhere = await send(client, {**TEA, **kept(taken.text), "key": "k-2"}, "preview")
        out = await send(client, {**TEA, **kept(taken.text), "remove_card": kept(taken.text)["card"][0]}, "preview")
        saved = await drafts(db, scope)
        placed = await send(client, {**TEA, **kept(taken.text)}, "place")
        twice = await send(client, {**TEA, **kept(taken.text)}, "place")
    assert (taken.status_code, card.code in taken.text, f"…{last}" in taken.text) == (200, False, True)
    assert "Pays CN¥15.00 and is used up then." in taken.text
    assert re.search(r"Still to be paid</dt><dd class=\"t\">CN¥5.00", taken.text)
    assert (again.status_code, "pays already" in again.text) == (409, True)
    assert (unknown.status_code, 'id="gift_card-error">No gift card with this code can pay.' in unknown.text) == (
        422,
        True,
    )
    assert (kept(elsewhere.text), kept(out.text)) == ({}, {}), "a proof is good for its form alone"
    assert [x.data.keys() & {"wallets", "card"} for x in saved] == [set()] * 2
    order_id = UUID(placed.headers["location"][-36:])
    assert placed.headers["location"] == twice.headers["location"]
    assert await paid_with(db, scope, order_id) == [("gift_card", 1_500)]
    assert await balance(db, scope, card.card.wallet.wallet_id) == 0
    assert holding(owner, scope.tenant, card.code, spelled(card.code)) == []


async def test_a_gift_card_that_is_typed_as_the_order_is_placed_pays_once(db: Database, scope: Scope) -> None:
    await offers(db, scope)
    card = await issued(db, scope, amount=2_000)
    async with desk(db, scope) as client:
        unknown = await send(client, {**TEA, "gift_card": UNKNOWN}, "place")
        placed = await send(client, {**TEA, "gift_card": card.code}, "place")
        twice = await send(client, {**TEA, "gift_card": card.code}, "place")
    assert (unknown.status_code, 'id="gift_card-error"' in unknown.text) == (422, True)
    assert placed.headers["location"] == twice.headers["location"]
    assert await paid_with(db, scope, UUID(placed.headers["location"][-36:])) == [("gift_card", 2_000)]


async def test_who_tries_many_gift_cards_waits(db: Database, scope: Scope) -> None:
    await offers(db, scope)
    card: IssuedCard = await issued(db, scope)
    async with desk(db, scope) as client:
        for _ in range(CODES_PER_CALLER_MAX):
            assert (await send(client, {**TEA, "gift_card": UNKNOWN}, "preview")).status_code == 422
        over = await send(client, {**TEA, "gift_card": card.code}, "preview")
    assert (over.status_code, kept(over.text)) == (429, {})


async def test_credit_and_points_pay_with_the_right_to_use_them(db: Database, scope: Scope) -> None:
    await offers(db, scope)
    customer_id = await known(db, scope)
    rule = LoyaltyRule("CNY", 1, 100, None, pays_points=10, pays_minor=100)
    await act(db, scope, wallets.set_loyalty_rules, rows=[rule])
    await factories.moved(db, scope, factories.credit(customer_id, 800), factories.points(customer_id, 60))
    whose = {**TEA, "customer_id": str(customer_id)}
    both = {**whose, "credit": "1", "points": "1", "points_count": "50"}
    async with desk(db, scope) as client:
        looked = (await send(client, whose, "preview")).text
        shown = (await send(client, both, "preview")).text
        too_many = await send(client, {**both, "points_count": "90"}, "preview")
        odd = await send(client, {**both, "points_count": "many"}, "preview")
        guest = (await send(client, {**TEA, "credit": "1"}, "preview")).text
        dear = await send(client, {**both, "credit_amount": "9", "key": "k-7"}, "place")
        (draft, *_) = [x for x in await drafts(db, scope) if "wallets" in x.data]
        placed = await send(client, both, "place")
    async with desk(db, scope, ALL_PERMISSIONS - {"wallets:write"}) as client:
        plain = await page(client, NEW)
        theirs = await page(client, f"{NEW}?draft={draft.draft_id}")
        refused = await send(client, {**both, "key": "k-2"}, "preview")
    assert "The customer has CN¥8.00 of store credit." in looked
    assert "The customer has 60 points, which pay up to CN¥6.00." in looked
    assert re.search(r"50 points</dt><dd>-CN¥5.00</dd>", shown)
    assert re.search(r"Still to be paid</dt><dd class=\"t\">CN¥7.00", shown)
    assert 'class="notice warn"' in too_many.text
    assert (odd.status_code, 'id="points_count-error"' in odd.text) == (422, True)
    assert 'class="notice warn"' in guest
    assert (dear.status_code, 'id="credit_amount-error"' in dear.text) == (409, True)
    assert {use["kind"] for use in draft.data["wallets"]} <= {"points", "credit"}
    assert await paid_with(db, scope, UUID(placed.headers["location"][-36:])) == [
        ("points", 500),
        ("store_credit", 800),
    ]
    assert 'name="credit"' not in plain
    assert '<input type="hidden" name="credit" value="1">' in theirs, "what they may not use, they do not lose"
    assert refused.status_code == 403


async def test_the_draft_of_a_program_keeps_its_coupons_and_wallets(db: Database, scope: Scope) -> None:
    await offers(db, scope)
    customer_id = await known(db, scope)
    card = await issued(db, scope, amount=300, customer_id=customer_id)
    own = {"kind": "gift_card", "wallet_id": str(card.card.wallet.wallet_id), "amount_minor": 200}
    data: dict[str, Any] = {
        "lines": [{"sku": "TEA", "quantity": 2}],
        "customer_id": str(customer_id),
        "channel": "phone",
        "coupons": ["SPRING10", "LARGE5"],
        "wallets": [{"kind": "points", "points": 20}, own, {"kind": "credit", "amount_minor": 250}],
    }
    made = await db.write(scope, lambda tx: orders.save_draft(tx, data=data, caller="program"))
    async with desk(db, scope) as client:
        shown = await page(client, f"{NEW}?draft={made.draft_id}")
        fields = {**TEA, **kept(shown), "customer_id": str(customer_id), "key": str(made.draft_id), "contact_name": ""}
        fields["channel"] = "phone"
        fields |= {"draft_id": str(made.draft_id), "draft_version": "1"}
        fields |= {"credit": "1", "credit_amount": "2.50", "points": "1", "points_count": "20"}
        assert 'name="points" value="1" checked' in shown
        assert 'name="credit" value="1" checked' in shown
        saved = await send(client, fields, "keep")
    (draft,) = await drafts(db, scope)
    assert kept(saved.text)["coupon_taken"] == ["SPRING10", "LARGE5"]
    assert f"…{card.card.last_four}" in shown
    assert draft.data == data


def test_wallets_of_a_draft_are_read_as_far_as_they_are_any() -> None:
    odd = {"lines": [], "coupons": "SPRING10", "wallets": ["odd", {"kind": "gift_card"}, {"kind": "barter"}]}
    plain = new_order_form.raw_of_draft({"lines": []}, "CNY")
    assert new_order_form.raw_of_draft(odd, "CNY") == plain
    named = (WalletUse(kind="points", points=5), WalletUse(kind="gift_card", code="x"), WalletUse(kind="credit"))
    fields = [new_order_paying_form.field_of(named, f"wallets[{i}].amount_minor") for i in range(4)]
    assert fields == ["points_count", "gift_card", "credit", "gift_card"]
