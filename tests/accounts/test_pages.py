"""Pages of accounts: signing in and out, the cookie, forged forms, settings, staff, roles and keys."""

import re

import httpx2
import pyotp
import pytest

from jiedan.accounts import queries, rules, service, values
from jiedan.base.db import Database
from tests.accounts import factories
from tests.accounts.authenticator import LOCAL, Device
from tests.base.web_client import Client
from tests.conftest import FakeClock

HTML = {"accept": "text/html"}


async def page(client: Client, address: str, status: int = 200) -> str:
    answer = await client.get(address, headers=HTML)
    assert answer.status_code == status, answer.text
    return answer.text


async def test_a_person_signs_in_works_and_signs_out(db: Database) -> None:
    at = await factories.opened(db)
    async with factories.application(db) as client:
        asked = await client.get(f"/c/{at.slug}/settings", headers=HTML)
        assert (asked.status_code, asked.headers["location"]) == (303, f"/sign-in?next=/c/{at.slug}/settings")
        shown = await page(client, asked.headers["location"])
        assert f'value="{at.slug}"' in shown
        fields = {"merchant": at.slug, "email": at.owner_email, "password": factories.PASSWORD}
        entered = await client.submit("/sign-in", {**fields, "next": f"/c/{at.slug}/settings"})
        assert (entered.status_code, entered.headers["location"]) == (303, f"/c/{at.slug}/settings")
        assert "Acme Tea" in await page(client, f"/c/{at.slug}/settings")
        console = await client.get(f"/c/{at.slug}/", headers=HTML)
        assert (console.status_code, console.headers["location"]) == (303, "/")
        left = await client.submit("/sign-out", {}, page=f"/c/{at.slug}/settings")
        assert left.status_code == 303
        assert (await client.get(f"/c/{at.slug}/settings", headers=HTML)).status_code == 303
    async with db.read(at.scope) as tx:
        assert await queries.sessions(tx, staff_id=at.owner_id) == []


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(db: Database) -> None:
    at = await factories.opened(db)
    async with factories.application(db) as client:
        fields = {"merchant": at.slug, "email": at.owner_email, "password": factories.PASSWORD}
        entered = await client.submit("/sign-in", fields)
    (cookie,) = [c for c in entered.headers.get_list("set-cookie") if c.startswith("jd_session=")]
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


async def test_on_https_the_cookie_belongs_to_this_host_alone(db: Database) -> None:
    at = await factories.opened(db)
    async with factories.application(db, public_url="https://shop.example") as client:
        shown = await client.get("https://shop.example/sign-in", headers=HTML)
        token = re.search(r'name="csrf_token" value="([0-9a-f]+)"', shown.text)
        assert token is not None
        fields = {"merchant": at.slug, "email": at.owner_email, "password": factories.PASSWORD}
        entered = await client.post(
            "https://shop.example/sign-in", data={**fields, "csrf_token": token[1]}, headers=HTML
        )
    (cookie,) = [c for c in entered.headers.get_list("set-cookie") if "jd_session=" in c]
    assert cookie.startswith("__Host-jd_session=")
    assert "Secure" in cookie.split("; ")


async def test_a_planted_session_is_not_taken_over(db: Database) -> None:
    at = await factories.opened(db)
    planted = f"{at.tenant.hex}.{'x' * 43}"
    async with factories.application(db) as client:
        client.cookies.set("jd_session", planted, domain="localhost.local", path="/")
        fields = {"merchant": at.slug, "email": at.owner_email, "password": factories.PASSWORD}
        entered = await client.submit("/sign-in", fields)
        (cookie,) = [c for c in entered.headers.get_list("set-cookie") if c.startswith("jd_session=")]
        assert planted not in cookie
        client.cookies.clear()
        answer = await client.get("/api/v1/me", headers={"cookie": f"jd_session={planted}"})
    assert answer.status_code == 401


@pytest.mark.parametrize("email", ["owner", "nobody@example.com"])
async def test_a_wrong_sign_in_says_the_same_to_everybody(db: Database, email: str) -> None:
    at = await factories.opened(db)
    email = at.owner_email if email == "owner" else email
    async with factories.application(db) as client:
        answer = await client.submit("/sign-in", {"merchant": at.slug, "email": email, "password": "not this one"})
        nowhere = await client.submit("/sign-in", {"merchant": "nowhere", "email": email, "password": "not this one"})
    assert answer.status_code == nowhere.status_code == 401
    said = [re.findall(r'role="alert">.*?</div>', each.text) for each in (answer, nowhere)]
    assert said[0] == said[1]
    assert "The e-mail address or the password is wrong." in said[0][0]


async def test_a_throttled_sign_in_is_told_to_wait(db: Database) -> None:
    at = await factories.opened(db)
    fields = {"merchant": at.slug, "email": at.owner_email, "password": "not this one"}
    async with factories.application(db) as client:
        for _ in range(rules.ATTEMPTS_PER_ACCOUNT_MAX):
            assert (await client.submit("/sign-in", fields)).status_code == 401
        answer = await client.submit("/sign-in", {**fields, "password": factories.PASSWORD})
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0


async def test_nobody_is_sent_to_another_site_or_merchant(db: Database) -> None:
    at = await factories.opened(db)
    fields = {"merchant": at.slug, "email": at.owner_email, "password": factories.PASSWORD}
    for target in ("https://evil.example/", "//evil.example/", "/c/other/settings"):
        async with factories.application(db) as client:
            entered = await client.submit("/sign-in", {**fields, "next": target})
            assert entered.headers["location"] == "/"
            home = await client.get("/", headers=HTML)
            assert home.headers["location"] == f"/c/{at.slug}/account"


async def test_a_form_without_the_pages_token_changes_nothing(db: Database) -> None:
    at = await factories.opened(db)
    async with factories.application(db) as client:
        await factories.enter(client, at)
        form = {"name": "Stolen", "version": "1"}
        forged = await client.post(f"/c/{at.slug}/settings", data=form, headers=HTML)
        assert forged.status_code == 403
        by_script = await client.patch("/api/v1/settings", json={"name": "Stolen"})
        assert by_script.json()["code"] == "csrf_token_missing"
        sign_in = await client.post("/sign-in", data={"merchant": at.slug, "email": "a@b.cn", "password": "x"})
        assert sign_in.status_code == 403
    async with db.read(at.scope) as tx:
        assert (await tx.load_one(queries.settings())).name == "Acme Tea"


async def test_another_merchants_console_does_not_exist(db: Database) -> None:
    at, other = await factories.opened(db), await factories.opened(db)
    async with factories.application(db) as client:
        await factories.enter(client, at)
        await page(client, f"/c/{other.slug}/settings", status=404)


def settings_form(**changes: object) -> dict[str, object]:
    return {
        "version": 1, "slug": "x", "name": "Acme", "country": "CN", "time_zone": "Asia/Shanghai", "currency": "CNY",
        "currencies": "CNY, EUR", "locale": "en", "locales": ["en", "zh_Hans"], "expiry_minutes": 30,
        "order_number_pattern": "SO-{date}-{number:06d}", "payment_terms": "on_account", "split": "never",
        "backorder": "1", **changes,
    }  # fmt: skip


async def test_settings_are_changed_by_the_form(db: Database) -> None:
    at = await factories.opened(db)
    address = f"/c/{at.slug}/settings"
    async with factories.application(db) as client:
        await factories.enter(client, at)
        saved = await client.submit(address, settings_form(slug=at.slug))
        assert (saved.status_code, saved.headers["location"]) == (303, address)
        assert "The settings were saved." in await page(client, address)
        stale = await client.submit(address, settings_form(slug=at.slug, name="Late"))
        assert stale.status_code == 409
        assert "Wang Min changed this meanwhile" in stale.text
        wrong = await client.submit(address, settings_form(slug=at.slug, version=2, time_zone="Mars/Olympus"))
        assert wrong.status_code == 422
        assert "There is no time zone Mars/Olympus." in wrong.text
        moved = await client.submit(address, settings_form(slug=f"{at.slug}-2", version=2))
        assert moved.headers["location"] == f"/c/{at.slug}-2/settings"
        await page(client, moved.headers["location"])
    async with db.read(at.scope) as tx:
        settings = await tx.load_one(queries.settings())
    assert (settings.currencies, settings.locales, settings.version) == (("CNY", "EUR"), ("en", "zh_Hans"), 3)
    assert (settings.backorder, settings.prices_include_tax, settings.payment_terms) == (True, False, "on_account")


async def test_staff_are_invited_edited_and_reset(db: Database) -> None:
    at = await factories.opened(db)
    address = f"/c/{at.slug}/staff"
    async with factories.application(db) as client:
        await factories.enter(client, at)
        fields = {"email": "li@example.com", "name": "Li Na", "role": "sales", "locale": "zh_Hans"}
        invited = await client.submit(f"{address}/invitations", fields, page=address)
        link = re.search(r'value="(http://localhost:8000/c/[^"]+)"', invited.text)
        assert invited.status_code == 200
        assert link is not None
        shown = await page(client, address)
        assert "li@example.com" in shown
        assert "token=" not in shown
        async with db.read(at.scope) as tx:
            li = await queries.person_by_email(tx, "li@example.com")
        assert li is not None
        person = f"{address}/{li.staff_id}"
        edit = {**fields, "role": "support", "version": li.version, "is_active": "1"}
        assert (await client.submit(person, edit)).status_code == 303
        assert (await client.submit(person, edit)).status_code == 409
        reset = await client.submit(f"{person}/password-reset", {}, page=person)
        assert "token=" in reset.text
        revoked = await client.submit(f"{person}/revoke-invitation", {}, page=person)
        assert revoked.status_code == 303
        owner = f"{address}/{at.owner_id}"
        out = {"email": at.owner_email, "name": "Wang Min", "role": "owner", "version": 1}
        refused = await client.submit(owner, out)
        assert refused.status_code == 409
        assert "This is the last owner who can sign in." in refused.text


async def test_a_link_is_used_on_its_page(db: Database) -> None:
    at = await factories.opened(db)
    async with db.begin(at.scope) as tx:
        link = await service.invite_staff(
            tx, staff=values.NewStaff("li@example.com", "Li Na", "sales"), held=values.ALL_PERMISSIONS
        )
    address = f"/c/{at.slug}/join"
    first = f"{address}?token={link.credential}"
    async with factories.application(db) as client:
        assert "Welcome, Li Na" in await page(client, first)
        fields = {"token": link.credential, "password": factories.PASSWORD}
        differ = await client.submit(address, {**fields, "repeated": "something else"}, page=first)
        assert "The two passwords differ." in differ.text
        weak = await client.submit(
            address, {"token": link.credential, "password": "password123", "repeated": "password123"}, page=first
        )
        assert (weak.status_code, "first that anybody would try" in weak.text) == (422, True)
        joined = await client.submit(address, {**fields, "repeated": factories.PASSWORD}, page=first)
        assert joined.status_code == 303
        await page(client, f"/c/{at.slug}/account")
        await page(client, first, status=404)


async def test_roles_are_edited(db: Database) -> None:
    at = await factories.opened(db)
    address = f"/c/{at.slug}/roles"
    async with factories.application(db) as client:
        await factories.enter(client, at)
        fields = {"code": "packer", "name": "Packer", "permissions": ["orders:read", "inventory:read"]}
        assert (await client.submit(f"{address}/new", fields)).status_code == 303
        async with db.read(at.scope) as tx:
            packer = await queries.role_by_code(tx, "packer")
        assert packer is not None
        shown = await page(client, f"{address}/{packer.role_id}")
        assert shown.partition("<main")[2].partition("</main>")[0].count(" checked") == 2
        edited = await client.submit(
            f"{address}/{packer.role_id}", {"version": 1, "name": "Packers", "permissions": ["orders:read"]}
        )
        assert edited.status_code == 303
        assert "Packers" in await page(client, address)
        removed = await client.submit(f"{address}/{packer.role_id}/remove", {}, page=f"{address}/{packer.role_id}")
        assert removed.status_code == 303


async def test_whoever_is_signed_in_is_spoken_to_in_their_own_language_wherever_they_are(db: Database) -> None:
    at = await factories.opened(db)
    home = f"/c/{at.slug}/account"
    async with factories.application(db) as client:
        await factories.enter(client, at)
        await client.submit("/preferences/language", {"value": "zh_Hant", "back": "/"}, page=home)
        before = await page(client, home)
        chosen = await client.submit(f"{home}/language", {"value": "zh_Hans", "back": home}, page=home)
        unknown = await client.submit(f"{home}/language", {"value": "tlh", "back": home}, page=home)
        shown = await page(client, home)
    async with factories.application(db) as elsewhere:
        await factories.enter(elsewhere, at)
        again = await page(elsewhere, home)
    assert '<html lang="en"' in before, "what somebody chose in this browser before says nothing of who signs in"
    assert (chosen.status_code, chosen.headers["location"], unknown.status_code) == (303, home, 303)
    assert [text.partition('lang="')[2][:7] for text in (shown, again)] == ["zh-Hans", "zh-Hans"]


async def test_a_key_is_made_shown_once_and_revoked(db: Database) -> None:
    at = await factories.opened(db)
    address = f"/c/{at.slug}/api-keys"
    async with factories.application(db) as client:
        await factories.enter(client, at)
        made = await client.submit(address, {"name": "Till", "permissions": ["orders:read"], "days": "30"})
        assert made.status_code == 200
        assert re.search(rf'value="jd_{at.tenant.hex}_[\w-]{{43}}"', made.text)
        assert "jd_" not in (await page(client, address)).replace("jd_language", "")
        async with db.read(at.scope) as tx:
            (key,) = await queries.api_keys(tx)
        revoked = await client.submit(f"{address}/{key.api_key_id}/revoke", {}, page=address)
        assert revoked.status_code == 303
        assert "Revoked" in await page(client, address)
        nothing = await client.submit(address, {"name": "Empty"})
        assert (nothing.status_code, "At least one permission is needed." in nothing.text) == (422, True)


async def test_ones_own_password_and_sessions(db: Database) -> None:
    at = await factories.opened(db)
    address = f"/c/{at.slug}/account"
    new = "eleven copper kettles"
    async with factories.application(db) as client, factories.application(db) as elsewhere:
        await factories.enter(client, at)
        await factories.enter(elsewhere, at)
        shown = await page(client, address)
        other = re.search(rf"{address}/sessions/([0-9a-f-]+)/end", shown)
        assert other is not None
        ended = await client.submit(f"{address}/sessions/{other[1]}/end", {}, page=address)
        assert ended.status_code == 303
        before = client.cookies["jd_session"]
        fields = {"present": factories.PASSWORD, "password": new, "repeated": new}
        wrong = await client.submit(f"{address}/password", {**fields, "present": "no no no"}, page=address)
        assert "This is not your present password." in wrong.text
        changed = await client.submit(f"{address}/password", fields, page=address)
        assert changed.status_code == 303
        assert client.cookies["jd_session"] != before
        assert "Your password was changed" in await page(client, address)


@pytest.mark.parametrize("role", list(values.ROLES))
async def test_every_page_can_be_read_by_those_who_may(db: Database, role: str) -> None:
    at = await factories.opened(db)
    if role != "owner":
        await factories.person(db, at, role)
    held = values.ROLES[role].permissions
    places = {"settings": "settings:read", "staff": "staff:read", "roles": "staff:read", "api-keys": "apikeys:read"}
    async with factories.application(db) as client:
        await factories.enter(client, at, "" if role == "owner" else f"{role}@{at.slug}.example")
        await page(client, f"/c/{at.slug}/account")
        for place, permission in places.items():
            await page(client, f"/c/{at.slug}/{place}", status=200 if permission in held else 403)


async def ask(client: Client, home: str, **fields: str) -> httpx2.Response:
    """Ask what a new device is to be asked, as the page's script does."""
    shown = re.search(r'name="csrf_token" value="([0-9a-f]+)"', await page(client, home))
    assert shown is not None
    sent = {**fields, "csrf_token": shown[1]}
    return await client.post(f"{home}/passkeys/request", data=sent, headers={"accept": "*/*"})


async def test_a_passkey_is_added_named_used_and_removed(db: Database, clock: FakeClock) -> None:
    at = await factories.opened(db)
    device = Device(LOCAL.origin)
    async with factories.application(db) as client:
        client.base_url = httpx2.URL(LOCAL.origin)
        await factories.enter(client, at)
        home = f"/c/{at.slug}/account"
        assert '<jd-passkey hidden data-ask="' in await page(client, home)
        refused = await ask(client, home, present="no")
        assert (refused.status_code, refused.json()["code"]) == (422, "password_wrong")
        assert (await ask(client, home)).json()["code"] == "password_wrong"
        asked = (await ask(client, home, present=factories.PASSWORD)).json()
        fields = {"name": "Pocket 口袋", "token": asked["token"], "answer": device.make(asked["options"])}
        forged = await client.submit(f"{home}/passkeys", {**fields, "answer": "{}"}, page=home)
        assert forged.status_code == 422
        assert "makes no passkey" in forged.text
        added = await client.submit(f"{home}/passkeys", fields, page=home)
        assert (added.status_code, added.headers["location"]) == (303, f"{home}#passkeys")
        shown = await page(client, home)
        assert "Pocket 口袋" in shown
        assert "never used yet" in shown
        (kept,) = set(re.findall(r"/account/passkeys/([0-9a-f-]{36})/name", shown))
        named = await client.submit(f"{home}/passkeys/{kept}/name", {"version": "1", "name": "Desk"}, page=home)
        assert named.status_code == 303
        stale = await client.submit(f"{home}/passkeys/{kept}/name", {"version": "1", "name": "Till"}, page=home)
        assert stale.status_code == 409
        await client.submit("/sign-out", {}, page=home)
        challenge = (await client.get("/sign-in/passkey/passkey.json")).json()
        device.uses = 1
        answer = {
            "token": challenge["token"],
            "answer": device.prove(challenge["options"]),
            "next": f"/c/{at.slug}/staff",
        }
        wrong = await client.submit("/sign-in/passkey", {**answer, "answer": "{}"}, page="/sign-in")
        assert wrong.status_code == 401
        assert "This passkey does not sign you in here." in wrong.text
        entered = await client.submit("/sign-in/passkey", answer, page="/sign-in")
        assert (entered.status_code, entered.headers["location"]) == (303, f"/c/{at.slug}/staff")
        assert "last used" in await page(client, home)
        gone = await client.submit(f"{home}/passkeys/{kept}/removal", {}, page=home)
        assert gone.status_code == 303
        assert "Desk" not in await page(client, home)


async def test_where_passkeys_cannot_work_the_pages_say_why(db: Database) -> None:
    at = await factories.opened(db)
    async with factories.application(db) as client:
        client.base_url = httpx2.URL("http://127.0.0.1:8000")
        await factories.enter(client, at)
        for shown in (await page(client, f"/c/{at.slug}/account"), await page(client, "/sign-in")):
            assert "open http://localhost:8000 to use them" in shown
            assert "jd-passkey" not in shown
    async with factories.application(db) as client:
        client.base_url = httpx2.URL("http://192.0.2.7:8000")
        await factories.enter(client, at)
        for shown in (await page(client, f"/c/{at.slug}/account"), await page(client, "/sign-in")):
            assert "jiedan serve --tls" in shown
            assert "jd-passkey" not in shown


async def test_signing_in_takes_a_second_step_where_one_is_set_up(db: Database, clock: FakeClock) -> None:
    at = await factories.opened(db)
    async with factories.application(db) as client:
        home = f"/c/{at.slug}/account"
        fields = {"merchant": at.slug, "email": at.owner_email, "password": factories.PASSWORD}
        assert (await client.submit("/sign-in", fields)).status_code == 303
        assert (await client.submit(f"{home}/second-step", {}, page=home)).status_code == 303
        shown = await page(client, home)
        key = re.search(r'data-copy="([A-Z2-7]{32})"', shown)
        assert key is not None
        assert '<svg class="qr"' in shown
        app = pyotp.TOTP(key[1])
        wrong = await client.submit(f"{home}/second-step/confirmation", {"code": "12"}, page=home)
        assert wrong.status_code == 422
        assert "This code is not right" in wrong.text
        code = {"code": app.at(clock.now())}
        done = await client.submit(f"{home}/second-step/confirmation", code, page=home)
        codes = re.findall(r'data-copy="(\w{4}-\w{4}-\w{4})"', done.text)
        assert len(codes) == 10
        assert (await client.submit("/sign-out", {}, page=home)).status_code == 303
        asked = await client.submit("/sign-in", {**fields, "next": f"/c/{at.slug}/staff"}, page="/sign-in")
        assert asked.status_code == 200
        hidden = dict(re.findall(r'name="(merchant|token|next)" value="([^"]*)"', asked.text))
        assert (await client.get(home, headers=HTML)).status_code == 303
        refused = await client.submit("/sign-in/code", {**hidden, "code": "nonsense"}, page="/sign-in")
        assert refused.status_code == 422
        late = await client.submit("/sign-in/code", {**hidden, "token": "x", "code": codes[0]}, page="/sign-in")
        assert "This took too long." in late.text
        entered = await client.submit("/sign-in/code", {**hidden, "code": codes[0]}, page="/sign-in")
        assert (entered.status_code, entered.headers["location"]) == (303, f"/c/{at.slug}/staff")
        assert "9 recovery codes are left." in await page(client, home)
        off = await client.submit(f"{home}/second-step/removal", {"code": codes[1]}, page=home)
        assert off.status_code == 303
        assert '<svg class="qr"' not in await page(client, home)


async def test_half_an_address_as_the_host_is_no_trouble(db: Database) -> None:
    async with factories.application(db) as client:
        answer = await client.get("/sign-in", headers={**HTML, "host": "["})
    assert answer.status_code == 200
