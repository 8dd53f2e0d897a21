"""Gift cards, as staff list, issue and block them."""

import re
from datetime import timedelta

import httpx2
import pytest

from jiedan.base.db import Database, Scope
from jiedan.base.ids import TenantId
from jiedan.base.recorder import StatementRecorder
from jiedan.wallets import service
from jiedan.wallets.values import IssuedCard, NewCard
from tests.base import web_client
from tests.conftest import NOON, FakeClock
from tests.console.test_goods import browsing, shown
from tests.wallets import factories
from tests.wallets.factories import act, credit, moved, spend

LIST_STATEMENTS_MAX = 2
READ = frozenset({"wallets:read"})
CODE = re.compile(r'data-copy="((?:[0-9A-Z]{4}-){3}[0-9A-Z]{4})"')


async def issue(client: web_client.Client, **fields: str) -> httpx2.Response:
    asked = {"key": "one-page", "amount": "50", "currency": "CNY", "quantity": "1", **fields}
    return await client.submit("/c/acme/gift-cards", asked, page="/c/acme/gift-cards/new")


async def block(client: web_client.Client, made: IssuedCard, version: int, **fields: str) -> httpx2.Response:
    at = f"/c/acme/gift-cards/{made.card.wallet.wallet_id}"
    return await client.submit(f"{at}/blocking", {"version": str(version), **fields}, page=at)


async def test_cards_are_issued_and_their_codes_shown_again_for_the_same_form_alone(db: Database, scope: Scope) -> None:
    async with browsing(db, scope) as client:
        assert "There are no gift cards yet." in await shown(client, "/gift-cards")
        first = await issue(client, quantity="3", note="Spring", expires_on="2999-12-31", form_id="seven")
        again = await issue(client, quantity="3", note="Spring", expires_on="2999-12-31", form_id="seven")
        other = await issue(client, quantity="2")
        listed = await shown(client, "/gift-cards")
    codes = CODE.findall(first.text)
    assert (first.status_code, again.status_code, len(set(codes))) == (200, 200, 3), first.text
    assert CODE.findall(again.text) == codes
    assert (other.status_code, CODE.findall(other.text)) == (422, [])
    assert listed.count("Spring") == 3
    assert (first.text.count("Dec 31, 2999"), listed.count("Dec 31, 2999")) == (3, 3)
    assert not [code for code in codes if code in listed]
    assert all(f"…{code[-4:]}" in listed for code in codes)
    assert listed.count("CN¥50.00") == 6


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"amount": ""}, "Please fill this in."),
        ({"amount": "0"}, "CN¥0.00 cannot be moved here."),
        ({"amount": "ten"}, "ten is not an amount in CNY."),
        ({"currency": "XXZ"}, "XXZ is not a unit of this wallet."),
        ({"expires_on": "2001-01-01"}, "The expiry lies in the past."),
        ({"expires_on": "9999-12-31"}, "The expiry lies in the past."),
        ({"quantity": "501"}, "500"),
    ],
)
async def test_what_cannot_be_issued_is_told_with_the_form(
    db: Database, scope: Scope, fields: dict[str, str], said: str
) -> None:
    async with browsing(db, scope) as client:
        refused = await issue(client, note="Kept as it was typed.", **fields)
        listed = await shown(client, "/gift-cards")
    assert (refused.status_code, said in refused.text) == (422, True), refused.text
    assert "Kept as it was typed." in refused.text
    assert "There are no gift cards yet." in listed


async def test_the_list_is_narrowed_down(db: Database, scope: Scope, recorder: StatementRecorder) -> None:
    soon, later = NOON + timedelta(days=7), NOON + timedelta(days=90)
    usable, spent, blocked, expiring = await factories.cards(
        db, scope, [NewCard(100, "CNY"), NewCard(100, "CNY"), NewCard(100, "CNY", expires_at=later),
                    NewCard(100, "CNY", expires_at=soon)],
    )  # fmt: skip
    await act(db, scope, service.redeem_many, redemptions=[spend(spent.card.wallet.wallet_id, 100)])
    await act(db, scope, service.set_blocked, wallet_id=blocked.card.wallet.wallet_id, is_blocked=True)
    async with browsing(db, scope) as client:
        for query, wanted in (
            ("", [usable, spent, blocked, expiring]),
            ("state=usable", [usable, expiring]),
            ("state=used_up", [spent]),
            ("state=blocked", [blocked]),
            ("state=expired", []),
            ("expiring=1", [expiring]),
            (f"q={usable.card.last_four.lower()}", [usable]),
            ("state=gold", [usable, spent, blocked, expiring]),
        ):
            with recorder.watching() as run:
                page = await shown(client, f"/gift-cards?{query}")
            assert len(run) <= LIST_STATEMENTS_MAX, run
            found = set(re.findall(r"/gift-cards/([0-9a-f-]{36})", page))
            assert found == {str(each.card.wallet.wallet_id) for each in wanted}, query
        assert "No gift card fits." in await shown(client, "/gift-cards?state=expired")


async def test_a_card_that_ran_out_is_expired(db: Database, scope: Scope, clock: FakeClock) -> None:
    made = await factories.card(db, scope, 100, expires_at=NOON + timedelta(days=1))
    at = f"/gift-cards/{made.card.wallet.wallet_id}"
    clock.advance(timedelta(days=2))
    async with browsing(db, scope) as client:
        assert at in await shown(client, "/gift-cards?state=expired")
        assert at not in await shown(client, "/gift-cards?state=used_up")
        assert at not in await shown(client, "/gift-cards?expiring=1")
        assert "Expired" in await shown(client, at)


async def test_a_page_leads_to_the_next(db: Database, scope: Scope) -> None:
    await factories.cards(db, scope, [NewCard(100, "CNY") for _ in range(60)])
    async with browsing(db, scope) as client:
        first = await shown(client, "/gift-cards")
        (following,) = re.findall(r'rel="next" href="([^"]+)"', first)
        second = (await client.get(following.replace("&amp;", "&"))).text
    links = re.compile(r"/gift-cards/([0-9a-f-]{36})")
    assert (len(links.findall(first)), len(links.findall(second))) == (50, 10)


async def test_a_card_is_blocked_and_works_again(db: Database, scope: Scope) -> None:
    who = await factories.customer(db, scope)
    made = await factories.card(db, scope, 5_000, customer_id=who, note="For Anna")
    at = f"/gift-cards/{made.card.wallet.wallet_id}"
    async with browsing(db, scope) as client:
        page = await shown(client, at)
        for word in ("CN¥50.00", "Issued", "For Anna", f"/customers/{who}", "Block the card"):
            assert word in page, word
        await block(client, made, 1, is_blocked="1")
        blocked = await shown(client, at)
        stale = await block(client, made, 1)
        await block(client, made, 2)
        again = await shown(client, at)
        led = await client.get(f"/c/acme/wallets/{made.card.wallet.wallet_id}")
    assert "The gift card is blocked." in blocked
    assert "Let it work again" in blocked
    assert stale.status_code == 409
    assert "The gift card works again." in again
    assert led.headers["location"].endswith(at)


async def test_cards_are_changed_by_whom_may_and_seen_by_nobody_else(
    db: Database, scope: Scope, other_tenant: TenantId
) -> None:
    who = await factories.customer(db, scope)
    made = await factories.card(db, scope, 5_000, customer_id=who)
    (other,) = await moved(db, scope, credit(who, 100))
    at = f"/gift-cards/{made.card.wallet.wallet_id}"
    async with browsing(db, scope, READ) as client:
        assert "Issue gift cards" not in await shown(client, "/gift-cards")
        page = await shown(client, at)
        assert "Block the card" not in page
        assert f"/customers/{who}" not in page
        await shown(client, "/gift-cards/new", 403)
        await shown(client, f"/gift-cards/{other.wallet_id}", 404)
    async with browsing(db, scope, frozenset({"orders:read"})) as client:
        await shown(client, "/gift-cards", 403)
        await shown(client, at, 403)
    async with browsing(db, Scope(other_tenant)) as client:
        assert "There are no gift cards yet." in await shown(client, "/gift-cards")
        await shown(client, at, 404)
