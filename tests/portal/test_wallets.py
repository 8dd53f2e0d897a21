"""Credit, gift cards and points, as customers see them in the shop."""

from pathlib import Path
from uuid import UUID

import pytest

from jiedan.accounts.rules import CODES_PER_CALLER_MAX
from jiedan.base.db import Database, Scope
from jiedan.base.recorder import StatementRecorder
from jiedan.wallets import rules, service
from jiedan.wallets.values import IssuedCard, NewCard
from tests.base import web_client
from tests.portal import people
from tests.portal.factories import open_shop, visiting
from tests.wallets import factories
from tests.wallets.factories import act, credit

WALLETS = "/account/wallets"
STATEMENTS_MAX = 12
CODES = rules.Codes(web_client.SECRET)


async def issued(db: Database, scope: Scope, **fields: object) -> IssuedCard:
    """Issue a card whose code the shop under test knows."""
    card = NewCard(5_000, "CNY")._replace(**fields)  # type: ignore[arg-type]  # test shorthand
    (made,) = await act(db, scope, service.issue_cards, codes=CODES, cards=[card])
    assert isinstance(made, IssuedCard)
    return made


async def mei(db: Database, scope: Scope) -> UUID:
    (found,) = await people.account_ids(db, scope)
    return found


@pytest.mark.parametrize("count", [2, 30])
async def test_a_customer_sees_what_they_have_and_what_happened(
    db: Database, scope: Scope, tmp_path: Path, recorder: StatementRecorder, count: int
) -> None:
    await open_shop(db, scope)
    other = await factories.customer(db, scope)
    theirs = await issued(db, scope, customer_id=other)
    async with visiting(db, scope, tmp_path) as who:
        await people.join(who, db, scope)
        assert WALLETS in await who.get("/account")
        assert "You have no credit, gift card or points yet." in await who.get(WALLETS)
        customer_id = await mei(db, scope)
        note = "Only for staff."
        await factories.moved(db, scope, *(credit(customer_id, 1_050)._replace(note=note) for _ in range(count)))
        card = await issued(db, scope, customer_id=customer_id)
        with recorder.watching() as run:
            page = await who.get(WALLETS)
    assert len(run) <= STATEMENTS_MAX, run
    assert f"CN¥{count * 10.5:.2f}" in page
    assert page.count("+CN¥10.50") == count
    assert f"…{card.card.last_four}" in page
    assert not [word for word in (note, f"…{theirs.card.last_four}", card.code) if word in page]


async def test_entries_go_on_from_page_to_page(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope)
    async with visiting(db, scope, tmp_path) as who:
        await people.join(who, db, scope)
        customer_id = await mei(db, scope)
        await factories.moved(db, scope, *(credit(customer_id, 100) for _ in range(60)))
        first = await who.get(WALLETS)
        following = first.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
        second = await who.get(following.removeprefix(who.base))
    assert (first.count("+CN¥1.00"), second.count("+CN¥1.00")) == (50, 10)


async def test_a_code_shows_what_is_on_the_card(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope)
    card = await issued(db, scope)
    blocked = await issued(db, scope)
    await act(db, scope, service.set_blocked, wallet_id=blocked.card.wallet.wallet_id, is_blocked=True)
    async with visiting(db, scope, tmp_path) as who:
        stranger = await who.send(WALLETS, {"code": card.code}, on="/cart")
        await people.join(who, db, scope)
        typed = rules.spelled(card.code).lower()
        found = [await who.send(WALLETS, {"code": typed}, on=WALLETS) for _ in range(2)]
        other = await who.send(WALLETS, {"code": blocked.code}, on=WALLETS)
        missing = await who.send(WALLETS, {"code": "3467-9ACD-EFGH-JKMN"}, on=WALLETS)
        empty = await who.send(WALLETS, {"code": ""}, on=WALLETS)
    assert "/account/sign-in" in stranger.headers["location"]
    for answer in found:
        assert (answer.status_code, "CN¥50.00" in answer.text, "Usable" in answer.text) == (200, True, True)
    assert "Blocked" in other.text
    assert (missing.status_code, "There is no such gift card." in missing.text) == (404, True)
    assert (empty.status_code, "Please fill this in." in empty.text) == (422, True)


async def test_who_tries_many_codes_has_to_wait(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope)
    async with visiting(db, scope, tmp_path) as who:
        await people.join(who, db, scope)
        tried = {"code": "3467-9ACD-EFGH-JKMN"}
        answers = [(await who.send(WALLETS, tried, on=WALLETS)).status_code for _ in range(CODES_PER_CALLER_MAX)]
        over = await who.send(WALLETS, tried, on=WALLETS)
    assert set(answers) == {404}
    assert (over.status_code, "Too many gift card codes were tried." in over.text) == (429, True)
