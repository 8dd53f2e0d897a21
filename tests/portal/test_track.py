"""Guests look for their order: the same answer for what fits and what does not, a code from the mail, one order."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from jiedan.base.db import Database, Scope
from jiedan.orders import service
from jiedan.orders.service import look_ups
from jiedan.orders.tables import Order, OrderLookUp
from jiedan.orders.values import LOOK_UP_ATTEMPTS_MAX
from tests.conftest import FakeClock
from tests.portal.factories import CHECKOUT, Visitor, open_shop, visiting


async def numbers(db: Database, scope: Scope) -> list[str]:
    """Return the numbers of the merchant's orders, the first first."""
    async with db.read(scope) as tx:
        found = await tx.execute(sa.select(Order.number).where(Order.tenant_id == scope.tenant).order_by(Order.number))
        return list(found.scalars())


async def code_of(db: Database, scope: Scope) -> str:
    """Return the code that stands in the mail of the newest look-up that fits an order."""
    known = sa.select(OrderLookUp.look_up_id).where(
        OrderLookUp.tenant_id == scope.tenant, OrderLookUp.order_id.is_not(None)
    )
    async with db.begin(scope) as tx:
        look_up_id = (await tx.execute(known.order_by(OrderLookUp.created_at.desc()))).scalars().first()
        assert look_up_id is not None
        codes = await service.mail_codes(tx, look_up_ids=[look_up_id])
    return codes[look_up_id].text


async def ask(who: Visitor, number: str, contact: str) -> tuple[int, str, str]:
    """Ask for an order; return status, page and the secret of the page that asks for the code."""
    answer = await who.send("/track", {"number": number, "contact": contact}, on="/track")
    secret = re.search(r'name="secret" value="([^"]+)"', answer.text)
    return answer.status_code, answer.text, "" if secret is None else secret[1]


async def give(who: Visitor, secret: str, code: str) -> tuple[int, str]:
    """Give a code; return status and where it leads, or the page."""
    answer = await who.send("/track/code", {"secret": secret, "code": code}, on="/track")
    return answer.status_code, answer.headers.get("location", answer.text)


@pytest.mark.parametrize("contact", ["LI.LEI@example.com", "139 1234 5678", "+8613912345678"])
async def test_a_code_from_the_mail_opens_one_order_once(
    contact: str, db: Database, scope: Scope, tmp_path: Path
) -> None:
    await open_shop(db, scope)
    async with visiting(db, scope, tmp_path) as who:
        await who.put_in("longjing", "TEA-50")
        await who.check_out()
        who.client.cookies.clear()
        (number,) = await numbers(db, scope)
        status, page, secret = await ask(who, f" {number.lower()} ", contact)
        assert (status, "If there is such an order" in page) == (200, True)
        code = await code_of(db, scope)
        wrong = f"{(int(code) + 1) % 10**look_ups.CODE_DIGITS:06}"
        assert (await give(who, secret, wrong))[0] == 422
        status, address = await give(who, secret, f"{code[:3]} {code[3:]}")
        assert (status, "/orders/" in address, "ticket=" in address) == (303, True, True)
        assert number in (await who.client.get(address, headers={"accept": "text/html"})).text
        assert (await give(who, secret, code))[0] == 422


async def test_what_fits_no_order_is_answered_alike(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope)
    async with visiting(db, scope, tmp_path) as who:
        await who.put_in("longjing", "TEA-50")
        await who.check_out()
        (number,) = await numbers(db, scope)
        right = await ask(who, number, CHECKOUT["email"])
        wrong = await ask(who, number, "wei@example.com")
        unknown = await ask(who, "SO-0", CHECKOUT["email"])
        nonsense = await ask(who, "SO-0", "@")
        plain = [re.sub(r'value="[^"]*"', "", page) for _, page, _ in (right, wrong, unknown, nonsense)]
        assert len(set(plain)) == 1
        refusals = [await give(who, secret, "123456") for _, _, secret in (wrong, unknown)]
        made_up = await give(who, "made-up", "123456")
        pages = {re.sub(r'value="[^"]*"', "", page) for _, page in [*refusals, made_up]}
        assert ({status for status, _ in [*refusals, made_up]}, len(pages)) == ({422}, 1)
    async with db.read(scope) as tx:
        fitting = sa.select(OrderLookUp.order_id).where(OrderLookUp.tenant_id == scope.tenant)
        assert [x is not None for x in (await tx.execute(fitting)).scalars()].count(True) == 1


async def test_codes_end_by_the_clock_and_by_guessing(
    db: Database, scope: Scope, tmp_path: Path, clock: FakeClock
) -> None:
    await open_shop(db, scope)
    async with visiting(db, scope, tmp_path) as who:
        await who.put_in("longjing", "TEA-50")
        await who.check_out()
        (number,) = await numbers(db, scope)
        _, _, secret = await ask(who, number, CHECKOUT["email"])
        code = await code_of(db, scope)
        for n in range(LOOK_UP_ATTEMPTS_MAX):
            assert (await give(who, secret, f"{(int(code) + n + 1) % 10**6:06}"))[0] == 422
        assert (await give(who, secret, code))[0] == 422
        _, _, secret = await ask(who, number, CHECKOUT["email"])
        code = await code_of(db, scope)
        clock.advance(look_ups.LIFE + timedelta(seconds=1))
        assert (await give(who, secret, code))[0] == 422


async def test_looking_is_slowed_by_contact_number_and_network(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope)
    async with visiting(db, scope, tmp_path) as who:
        for n in range(look_ups.LOOK_UPS_PER_CONTACT_MAX):
            assert (await ask(who, f"SO-{n}", CHECKOUT["email"]))[0] == 200
        status, page, _ = await ask(who, "SO-9", CHECKOUT["email"])
        assert (status, "too many attempts to find an order" in page) == (429, True)
        for n in range(look_ups.LOOK_UPS_PER_NUMBER_MAX):
            assert (await ask(who, "SO-7", f"guess-{n}@example.com"))[0] == 200
        assert (await ask(who, "so-7", "guess-9@example.com"))[0] == 429


async def test_an_order_whose_links_have_ended_is_found_no_more(
    db: Database, scope: Scope, tmp_path: Path, clock: FakeClock
) -> None:
    await open_shop(db, scope)
    async with visiting(db, scope, tmp_path) as who:
        await who.put_in("longjing", "TEA-50")
        await who.check_out()
        clock.advance(timedelta(days=1))
        assert await db.write(scope, service.expire_orders) == 1
        clock.advance(timedelta(days=4000))
        (number,) = await numbers(db, scope)
        assert (await ask(who, number, CHECKOUT["email"]))[0] == 200
    async with db.read(scope) as tx:
        made = await tx.execute(sa.select(OrderLookUp.order_id).where(OrderLookUp.tenant_id == scope.tenant))
        assert list(made.scalars()) == [None]
