"""Customers' accounts in the shop: coming in, going out, what is theirs; and what nobody else is told."""

import json
import re
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa

from jiedan.base.db import Database, Scope
from jiedan.base.tables import EventLog
from jiedan.customers import rules, saving, service
from jiedan.customers.tables import CustomerLink, CustomerSession
from jiedan.orders import service as orders
from jiedan.orders.tables import Order
from jiedan.orders.values import MarkRequest, NewNote
from tests.conftest import FakeClock
from tests.customers import factories as customers
from tests.portal import people
from tests.portal.factories import HTML, open_shop, visiting
from tests.portal.people import MEI, PASSWORD


def session_of(cookies: object) -> str:
    """Return the session cookie of a browser, empty for none."""
    return next((value for name, value in dict(cookies).items() if name.startswith("jd_customer_")), "")  # type: ignore[call-overload]  # a jar is made of pairs


async def sessions(db: Database, scope: Scope) -> int:
    async with db.read(scope) as tx:
        counted = sa.select(sa.func.count()).where(CustomerSession.tenant_id == scope.tenant)
        return int((await tx.execute(counted)).scalar_one())


async def test_an_account_is_opened_by_a_link_and_entered_by_password(
    db: Database, scope: Scope, tmp_path: Path
) -> None:
    await open_shop(db, scope)
    async with visiting(db, scope, tmp_path) as who:
        asked = await who.send("/register", {"email": MEI}, on="/register")
        assert (asked.status_code, f"A mail to {MEI} is on its way." in asked.text) == (200, True)
        token = await people.mailed(db, scope)
        shown = await who.get(f"/link?token={token}")
        assert ("Full name" in shown, "Offers by e-mail" in shown) == (True, True)
        fields = {"token": token, "name": "", "password": "short"}
        wrong = await who.send("/link/account", fields, on=f"/link?token={token}")
        assert (wrong.status_code, "Please fill this in." in wrong.text) == (422, True)
        fields = {"token": token, "name": "韩梅梅", "password": "short"}
        short = await who.send("/link/account", fields, on=f"/link?token={token}")
        assert "The password has fewer than 10 characters." in short.text
        fields = {"token": token, "name": "韩梅梅", "password": PASSWORD, "consents": "marketing_email"}
        account = await who.follow(await who.send("/link/account", fields, on=f"/link?token={token}"))
        assert ("Your account is open." in account, "韩梅梅 · mei@example.com" in account) == (True, True)
        assert re.search(r'value="marketing_email" checked', account)
        await who.get(f"/link?token={token}", 404)
        assert "You are signed out." in await who.follow(await who.send("/account/sign-out", {}, on="/account"))
        assert "Sign in" in await who.follow(await who.client.get(f"{who.base}/account", headers=HTML))
        assert await people.sign_in(who) == 303
        assert "韩梅梅" in await who.get("/account")
    assert await sessions(db, scope) == 1


async def test_a_link_signs_in_once(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope)
    async with visiting(db, scope, tmp_path) as who:
        await people.join(who, db, scope, password="")
        await who.send("/account/sign-out", {}, on="/account")
        await who.send("/account/sign-in/link", {"email": MEI.upper()}, on="/account/sign-in")
        token = await people.mailed(db, scope)
        page = f"/link?token={token}"
        entered = await who.send("/link/session", {"token": token}, on=page)
        assert "韩梅梅" in await who.follow(entered)
        again = await who.client.post(f"{who.base}/link/session", data={"token": token}, headers=HTML)
        assert again.status_code == 403
        await who.get(page, 404)


async def test_every_answer_to_an_address_is_the_same(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope)
    async with visiting(db, scope, tmp_path) as who:
        await people.join(who, db, scope)
        await who.send("/account/sign-out", {}, on="/account")
        for path, on in (
            ("/register", "/register"),
            ("/account/sign-in/link", "/account/sign-in"),
            ("/forgotten", "/forgotten"),
        ):
            known = await who.send(path, {"email": MEI}, on=on)
            unknown = await who.send(path, {"email": "wei@example.com"}, on=on)
            assert known.status_code == unknown.status_code == 200
            assert _plain(known.text, MEI) == _plain(unknown.text, "wei@example.com"), path
        wrong = await who.send("/account/sign-in", {"email": MEI, "password": "something else"}, on="/account/sign-in")
        nobody = await who.send(
            "/account/sign-in", {"email": "wei@example.com", "password": PASSWORD}, on="/account/sign-in"
        )
        assert (wrong.status_code, nobody.status_code) == (401, 401)
        assert _plain(wrong.text, MEI) == _plain(nobody.text, "wei@example.com")


def _plain(text: str, email: str) -> str:
    """Return a page without the address that was typed, tokens and numbers of forms."""
    return re.sub(r'value="[^"]*"', "", text.replace(email, "somebody"))


async def test_a_forgotten_password_is_chosen_anew_and_ends_every_session(
    db: Database, scope: Scope, tmp_path: Path
) -> None:
    await open_shop(db, scope)
    async with visiting(db, scope, tmp_path) as who:
        await people.join(who, db, scope)
        before = session_of(who.client.cookies)
        await who.send("/forgotten", {"email": MEI}, on="/forgotten")
        token = await people.mailed(db, scope)
        page = f"/link?token={token}"
        fields = {"token": token, "password": "three tin drums play", "repeated": "other"}
        assert "The two passwords differ." in (await who.send("/link/password", fields, on=page)).text
        fields["repeated"] = fields["password"]
        done = await who.follow(await who.send("/link/password", fields, on=page))
        assert "Your password was changed" in done
        after = session_of(who.client.cookies)
        assert (bool(after), after == before, await sessions(db, scope)) == (True, False, 1)
        await who.send("/account/sign-out", {}, on="/account")
        assert await people.sign_in(who) == 401
        assert await people.sign_in(who, password="three tin drums play") == 303


async def test_signing_in_takes_over_no_secret_that_was_there(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope)
    async with visiting(db, scope, tmp_path) as who:
        await people.join(who, db, scope)
        first = dict(who.client.cookies)
        assert await people.sign_in(who, next="/nowhere") == 303
        second = dict(who.client.cookies)
        assert session_of(first) != session_of(second)
        assert first["jd_visitor"] != second["jd_visitor"]
        assert await sessions(db, scope) == 1
        planted = f"{scope.tenant.hex}.planted-by-somebody"
        name = next(x for x in second if x.startswith("jd_customer_"))
        who.client.cookies.clear()
        who.client.cookies.set(name, planted)
        assert (await who.client.get(f"{who.base}/account", headers=HTML)).status_code == 303
        other = f"{'0' * 32}.{session_of(second).partition('.')[2]}"
        who.client.cookies.clear()
        who.client.cookies.set(name, other)
        assert (await who.client.get(f"{who.base}/account", headers=HTML)).status_code == 303


async def test_guessing_is_slowed_by_address_and_network(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope)
    async with visiting(db, scope, tmp_path) as who:
        for _ in range(rules.ATTEMPTS_PER_ACCOUNT_MAX):
            assert await people.sign_in(who) == 401
        assert await people.sign_in(who) == 429
        assert await people.sign_in(who, email="wei@example.com") == 401
        for n in range(rules.LINKS_PER_ADDRESS_MAX):
            assert (await who.send("/register", {"email": MEI}, on="/register")).status_code == 200, n
        refused = await who.send("/register", {"email": MEI}, on="/register")
        assert (refused.status_code, "too many requests for a link" in refused.text) == (429, True)
        assert "retry-after" in refused.headers


async def test_sessions_end_by_the_clock_by_staff_and_everywhere(
    db: Database, scope: Scope, tmp_path: Path, clock: FakeClock
) -> None:
    await open_shop(db, scope)
    async with visiting(db, scope, tmp_path) as who:
        await people.join(who, db, scope)
        clock.advance(rules.SESSION_IDLE - timedelta(hours=1))
        assert "韩梅梅" in await who.get("/account")
        clock.advance(rules.SESSION_IDLE - timedelta(hours=1))  # seen meanwhile
        assert "韩梅梅" in await who.get("/account")
        clock.advance(rules.SESSION_IDLE)
        assert (await who.client.get(f"{who.base}/account", headers=HTML)).status_code == 303
        assert await people.sign_in(who) == 303
        out = await who.follow(await who.send("/account/sessions/ending", {}, on="/account"))
        assert ("signed out everywhere" in out, await sessions(db, scope)) == (True, 0)
        assert await people.sign_in(who) == 303
        (customer_id,) = await people.account_ids(db, scope)
        await db.write(scope, lambda tx: service.set_access(tx, customer_id=customer_id, is_active=False))
        assert (await who.client.get(f"{who.base}/account", headers=HTML)).status_code == 303
        assert await people.sign_in(who) == 401
        await who.send("/account/sign-in/link", {"email": MEI}, on="/account/sign-in")
        async with db.begin(scope) as tx:
            assert await service.mail_links(tx, link_ids=[await _link_id(db, scope)]) == {}


async def _link_id(db: Database, scope: Scope) -> UUID:
    async with db.read(scope) as tx:
        found = await tx.execute(sa.select(CustomerLink.link_id).where(CustomerLink.tenant_id == scope.tenant))
        link_id: UUID = found.scalars().one()
        return link_id


async def test_the_cart_survives_signing_in_and_stays_with_the_customer(
    db: Database, scope: Scope, tmp_path: Path
) -> None:
    await open_shop(db, scope)
    async with visiting(db, scope, tmp_path) as who:
        await who.put_in("longjing", "TEA-50", 2)
        cart = await people.join(who, db, scope)
        assert ("Cart, 2 pieces" in cart, "¥60.00" in cart) == (True, True)
        assert "jd_cart" not in dict(who.client.cookies)
        more = await who.put_in("cup", "CUP")
        assert "Cart, 3 pieces" in more
        assert "jd_cart" not in dict(who.client.cookies)
        await who.send("/account/sign-out", {}, on="/account")
        assert "Your cart is empty." in await who.get("/cart")
        await who.put_in("longjing", "TEA-50", 5)
        assert await people.sign_in(who) == 303
        assert "Cart, 6 pieces" in await who.get("/cart")


async def test_the_profile_is_changed_with_consents_and_refuses_what_is_wrong(
    db: Database, scope: Scope, tmp_path: Path
) -> None:
    await open_shop(db, scope, locales=["en", "zh_Hans"])
    async with visiting(db, scope, tmp_path) as who:
        await people.join(who, db, scope)
        version = _version(await who.get("/account"))
        fields = {"version": version, "name": "Han Meimei", "email": MEI, "phone": "139 1234 5678", "locale": "zh_Hans"}
        wrong = await who.send("/account/profile", {**fields, "phone": "12"}, on="/account")
        assert (wrong.status_code, "12 is not a phone number." in wrong.text) == (422, True)
        fields["consents"] = "profiling"
        saved = await who.follow(await who.send("/account/profile", fields, on="/account"))
        assert 'lang="zh-Hans"' in saved
        assert ("Han Meimei" in saved, "+8613912345678" in saved) == (True, True)
        assert re.search(r'value="profiling" checked', saved)
        stale = await who.send("/account/profile", {**fields, "name": "Mei"}, on="/account")
        assert stale.status_code == 409
        again = {**fields, "version": _version(saved), "consents": []}
        without = await who.follow(await who.send("/account/profile", again, on="/account"))
        assert not re.search(r'value="profiling" checked', without)


def _version(page: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', page)
    assert found is not None
    return found[1]


async def test_password_and_address_are_changed_by_who_knows_the_present_password(
    db: Database, scope: Scope, tmp_path: Path
) -> None:
    await open_shop(db, scope)
    async with visiting(db, scope, tmp_path) as who:
        await people.join(who, db, scope)
        fields = {"present": "wrong", "password": "three tin drums play", "repeated": "three tin drums play"}
        refused = await who.send("/account/password", fields, on="/account")
        assert (refused.status_code, "not your present password" in refused.text) == (422, True)
        differ = await who.send("/account/password", {**fields, "repeated": "x"}, on="/account")
        assert "The two passwords differ." in differ.text
        changed = await who.send("/account/password", {**fields, "present": PASSWORD}, on="/account")
        assert "Your password was changed" in await who.follow(changed)
        email = {"new_email": "han@example.com", "present_password": "wrong"}
        assert "not your present password" in (await who.send("/account/email", email, on="/account")).text
        email["present_password"] = "three tin drums play"
        assert "a link is on its way" in await who.follow(await who.send("/account/email", email, on="/account"))
        token = await people.mailed(db, scope, "han@example.com")
        page = f"/link?token={token}"
        assert "From now on you sign in as han@example.com." in await who.get(page)
        taken = await who.follow(await who.send("/link/email", {"token": token}, on=page))
        assert "From now on you sign in by your new address." in taken
        await who.send("/account/sign-out", {}, on="/account")
        assert await people.sign_in(who, password="three tin drums play") == 401
        assert await people.sign_in(who, email="han@example.com", password="three tin drums play") == 303


async def test_a_link_to_a_mistyped_address_gives_a_stranger_nothing(
    db: Database, scope: Scope, tmp_path: Path
) -> None:
    await open_shop(db, scope)
    async with visiting(db, scope, tmp_path) as who:
        await people.join(who, db, scope)
        email = {"new_email": "stranger@example.com", "present_password": PASSWORD}
        await who.send("/account/email", email, on="/account")
        token = await people.mailed(db, scope, "stranger@example.com")
        await who.send("/account/sign-out", {}, on="/account")
        await people.join(who, db, scope, email="wei@example.com", name="Wei")
        page = f"/link?token={token}"
        assert "Sign in first" in await who.get(page)
        sent = await who.send("/link/email", {"token": token}, on="/account")
        assert sent.status_code == 404
        await who.send("/account/sign-out", {}, on="/account")
        assert await people.sign_in(who) == 303


async def test_without_a_password_a_link_leads_to_one(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope)
    async with visiting(db, scope, tmp_path) as who:
        await people.join(who, db, scope, password="")
        assert await people.sign_in(who, password="") == 422
        assert await people.sign_in(who) == 401
        assert "Look into your mail" in await who.follow(await who.send("/account/password/link", {}, on="/account"))
        token = await people.mailed(db, scope, purpose="password_reset")
        fields = {"token": token, "password": PASSWORD, "repeated": PASSWORD}
        await who.send("/link/password", fields, on=f"/link?token={token}")
        assert "Present password" in await who.get("/account")


async def test_who_is_known_by_the_address_gets_the_account(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope)
    (known,) = await customers.save(db, scope, [customers.wang(email=MEI)])
    async with db.begin(scope) as tx:
        await saving.write_terms(tx, [known])
    async with visiting(db, scope, tmp_path) as who:
        account = await people.join(who, db, scope)
    assert f"{customers.wang().name} · {MEI}" in account
    assert await people.account_ids(db, scope) == [known]


async def test_everything_stored_is_told_to_its_customer(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope)
    async with visiting(db, scope, tmp_path) as who:
        assert (await who.client.get(f"{who.base}/account/data.json", headers=HTML)).status_code == 303
        await people.join(who, db, scope)
        await who.put_in("longjing", "TEA-50")
        assert (await who.check_out(name="韩梅梅", email=MEI)).status_code == 303
        answer = await who.client.get(f"{who.base}/account/data.json", headers=HTML)
        told = json.loads(answer.text)
    assert "attachment" in answer.headers["content-disposition"]
    assert answer.headers["cache-control"] == "no-store"
    assert [x["name"] for x in told["customers"]] == ["韩梅梅"]
    assert [x["signs_in_by"] for x in told["accounts"]] == [MEI]
    assert [x["contact"]["email"] for x in told["orders"]] == [MEI]
    assert told["orders"][0]["addresses"]["ship_to"]["line1"] == "长安街1号"
    assert len(told["sessions"]) == 1


async def test_what_staff_write_for_each_other_is_not_told(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope, front={"terms": "All sales are final."})
    async with visiting(db, scope, tmp_path) as who:
        await people.join(who, db, scope)
        await who.put_in("longjing", "TEA-50")
        await who.check_out(name="韩梅梅", email=MEI, note="Ring twice.", agree="1")
        (customer_id,) = await people.account_ids(db, scope)
        async with db.begin(scope) as tx:
            await service.add_note(tx, customer_id=customer_id, text="Pays late.")
            await service.set_tags(tx, customer_id=customer_id, tags=["difficult"])
            (order_id,) = (await tx.execute(sa.select(Order.order_id).where(Order.tenant_id == scope.tenant))).scalars()
            notes = (NewNote(kind="internal", text="Look twice."), NewNote(kind="record", text="Called, angry."))
            await orders.mark_orders(tx, requests=[MarkRequest(order_id, ("awkward",), notes=notes)])
        answer = await who.client.get(f"{who.base}/account/data.json", headers=HTML)
        page = await who.get("/account")
    (order,) = json.loads(answer.text)["orders"]
    assert [x["kind"] for x in order["notes"]] == ["delivery", "record"]
    assert "Ring twice." in answer.text
    assert "agreed to the terms of sale" in answer.text
    assert not [
        word for word in ("Pays late.", "difficult", "Look twice.", "Called, angry.", "awkward") if word in answer.text
    ]
    assert "What staff note for each other is not in it." in page


async def test_erasure_is_asked_for_once_and_becomes_a_case(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope)
    async with visiting(db, scope, tmp_path) as who:
        await people.join(who, db, scope)
        unsure = await who.follow(await who.send("/account/erasure", {}, on="/account"))
        assert "Set the mark if you are sure." in unsure
        for _ in range(2):
            sure = await who.follow(await who.send("/account/erasure", {"is_sure": "1"}, on="/account"))
            assert "You have asked for it." in sure
    async with db.read(scope) as tx:
        kinds = sa.select(EventLog.kind).where(EventLog.tenant_id == scope.tenant)
        told = list((await tx.execute(kinds)).scalars())
    assert told.count("cases.case_opened") == 1


@pytest.mark.parametrize("path", ["/account", "/account/addresses", "/account/addresses/new", "/account/data.json"])
async def test_guests_are_led_to_the_sign_in_and_back(path: str, db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope)
    async with visiting(db, scope, tmp_path) as who:
        answer = await who.client.get(f"{who.base}{path}", headers=HTML)
        assert answer.headers["location"] == f"{who.base}/account/sign-in?next={who.base}{path}"
        await people.join(who, db, scope)
        await who.send("/account/sign-out", {}, on="/account")
        assert await people.sign_in(who, next=f"{who.base}{path}") == 303
        for elsewhere in ("https://evil.example/", "//evil.example/", "/c/other/", "\\\\evil.example"):
            await who.send("/account/sign-out", {}, on="/account")
            fields = {"email": MEI, "password": PASSWORD, "next": elsewhere}
            gone = await who.send("/account/sign-in", fields, on="/account/sign-in")
            assert gone.headers["location"] == f"{who.base}/account"


HOME = {
    "name": "韩梅梅", "phone": "139 1234 5678", "country": "CN", "region": "北京市", "city": "东城区",
    "district": "东城区", "line1": "长安街1号", "postal_code": "100006", "label": "Home",
}  # fmt: skip
HOME_FIELDS = {name: text for name, text in HOME.items() if name not in {"name", "phone", "label"}}
OFFICE = {
    **HOME,
    "region": "上海市",
    "city": "黄浦区",
    "line1": "南京东路 1 号",
    "postal_code": "200001",
    "label": "Office",
}


def book_of(page: str) -> list[str]:
    """Return the ids of the addresses on a page of the book."""
    return re.findall(r"/account/addresses/([0-9a-f-]{36})\"", page)


async def test_addresses_are_added_changed_used_first_and_removed(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope)
    async with visiting(db, scope, tmp_path) as who:
        await people.join(who, db, scope)
        assert "There is no address yet." in await who.get("/account/addresses")
        new = "/account/addresses/new"
        fields = await who.send(new, {"action": "fields", "country": "US"}, on=new)
        assert ("ZIP code" in fields.text, "Please fill this in." in fields.text) == (True, False)
        wrong = await who.send(new, {**HOME, "line1": "", "postal_code": "1"}, on=new)
        assert (wrong.status_code, "Please fill this in." in wrong.text, "1 is not a postal code" in wrong.text) == (
            422, True, True,
        )  # fmt: skip
        book = await who.follow(await who.send(new, HOME, on=new))
        assert ("长安街1号" in book, "Used first" in book) == (True, True)
        book = await who.follow(await who.send(new, OFFICE, on=new))
        home, office = sorted(book_of(book))
        page = f"/account/addresses/{office}"
        assert 'value="南京东路 1 号"' in await who.get(page)
        changed = {**OFFICE, "line1": "南京东路 2 号"}
        assert "南京东路 2 号" in await who.follow(await who.send(page, changed, on=page))
        refused = await who.send(page, {**OFFICE, "phone": "12"}, on=page)
        assert "12 is not a phone number." in refused.text
        first = await who.follow(await who.send(f"{page}/default", {}, on="/account/addresses"))
        assert first.index("南京东路 2 号") < first.index("长安街1号")
        removal = f"/account/addresses/{home}/removal"
        assert "长安街1号" not in await who.follow(await who.send(removal, {}, on="/account/addresses"))
        assert (await who.send(removal, {}, on="/account/addresses")).status_code == 404


async def test_the_checkout_is_filled_from_the_account(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope)
    async with visiting(db, scope, tmp_path) as who:
        assert "I have an account" not in await who.get("/cart")
        await people.join(who, db, scope)
        new = "/account/addresses/new"
        await who.send(new, HOME, on=new)
        book = await who.follow(await who.send(new, OFFICE, on=new))
        _, office = sorted(book_of(book))
        await who.put_in("longjing", "TEA-50")
        shown = await who.get("/checkout")
        for text in ('value="韩梅梅"', f'value="{MEI}"', 'value="+8613912345678"', 'value="长安街1号"'):
            assert text in shown, text
        other = await who.check_out(action="place", book=office, line1="长安街1号")
        assert (other.status_code, 'value="南京东路 1 号"' in other.text) == (200, True)
        empty = await who.check_out(action="place", **HOME_FIELDS, book="")
        assert (empty.status_code, 'value="长安街1号"' in empty.text) == (200, False)
        placed = await who.check_out(book="", line1="王府井大街 9 号", keep="1")
        assert placed.status_code == 303
        assert "王府井大街 9 号" in await who.get("/account/addresses")
        assert (await who.client.get(f"{who.base}/checkout", headers=HTML)).headers["location"].endswith("/cart")


async def test_another_customer_of_the_same_merchant_is_shown_nothing(
    db: Database, scope: Scope, tmp_path: Path
) -> None:
    await open_shop(db, scope)
    async with visiting(db, scope, tmp_path) as who:
        await people.join(who, db, scope)
        new = "/account/addresses/new"
        book = await who.follow(await who.send(new, HOME, on=new))
        (theirs,) = set(book_of(book))
        await who.put_in("longjing", "TEA-50", 2)
        await who.send("/account/sign-out", {}, on="/account")
        await people.join(who, db, scope, email="wei@example.com", name="Wei")
        page = f"/account/addresses/{theirs}"
        await who.get(page, 404)
        for path, fields in ((page, HOME), (f"{page}/default", {}), (f"{page}/removal", {})):
            assert (await who.send(path, fields, on="/account")).status_code == 404, path
        for shown in ("/account", "/account/addresses", "/account/data.json", "/cart"):
            told = await who.get(shown)
            assert not re.search(r"韩梅梅|mei@example\.com|长安街", told), shown
        assert "Your cart is empty." in await who.get("/cart")
        await who.send("/account/sign-out", {}, on="/account")
        assert await people.sign_in(who) == 303
        assert "长安街1号" in await who.get("/account/addresses")
        assert "Cart, 2 pieces" in await who.get("/cart")
