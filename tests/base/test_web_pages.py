import base64
import html
import time
from datetime import UTC, datetime, timedelta

import pytest

from jiedan.base import money
from jiedan.base.web import forms, preferences
from jiedan.base.web.assets import Assets
from jiedan.base.web.errors import NoSuchPage
from jiedan.base.web.shopfront import Shopfront
from jiedan.base.web.site import FLASH_COOKIE, VISITOR_COOKIE
from jiedan.base.web.templates import Templates, View
from jiedan.base.web.unit import Unit
from tests.base import things, web_client

CALLER = web_client.principal(permissions={things.READ, things.WRITE})
HTML = {"accept": "text/html"}
NOON = datetime(2026, 11, 21, 4, 5, 6, tzinfo=UTC)


async def test_the_layout_shows_who_is_signed_in_and_where_they_may_go() -> None:
    async with web_client.open_client(
        routers=things.ROUTERS, principal=CALLER, session=True, navigation=things.NAVIGATION
    ) as client:
        page = await client.get("/c/acme/things", headers=HTML)
    assert page.headers["content-type"].startswith("text/html")
    assert "王敏" in page.text
    assert 'href="/c/acme/things" aria-current="page"' in page.text
    assert "/secrets" not in page.text, "an entry without permission is not shown"
    assert 'action="/sign-out"' in page.text


async def test_everything_a_page_asks_for_is_there_and_kept_for_ever() -> None:
    async with web_client.open_client(routers=things.ROUTERS) as client:
        page = (await client.get("/api/docs", headers=HTML)).text
        addresses = {part.split('"')[0].split("#")[0] for part in page.split('="') if part.startswith("/static/")}
        assert len(addresses) >= 4
        for address in addresses:
            response = await client.get(address)
            assert response.status_code == 200, address
            assert "immutable" in response.headers["cache-control"]
        assert (await client.get("/static/000000000000/base.css")).status_code == 404


async def test_who_must_sign_in_again_is_sent_there_as_a_whole_page() -> None:
    asked = {**HTML, "hx-request": "true", "hx-current-url": "http://localhost:8000/c/acme/things?q=a&b=1"}
    async with web_client.open_client(routers=things.ROUTERS) as client:
        answer = await client.get("/c/acme/things", headers=asked)
        elsewhere = await client.get("/c/acme/things", headers={**asked, "hx-current-url": "//[evil"})
    assert (answer.status_code, answer.text) == (401, "")
    assert answer.headers["hx-redirect"] == "/sign-in?next=/c/acme/things%3Fq%3Da%26b%3D1"
    assert elsewhere.headers["hx-redirect"] == "/sign-in?next=/"


@pytest.mark.parametrize("address", ["/c/acme/nowhere", "/nowhere", "/c/globex/things"])
async def test_a_person_gets_a_page_when_something_is_wrong(address: str) -> None:
    async with web_client.open_client(routers=things.ROUTERS, principal=CALLER, session=True) as client:
        page = await client.get(address, headers=HTML)
    assert page.status_code == 404
    assert "<h1>Not found</h1>" in page.text
    assert page.headers["x-request-id"] in page.text


async def test_the_door_of_the_console_leads_on() -> None:
    async with web_client.open_client(principal=CALLER, session=True) as client:
        assert (await client.get("/c/acme")).headers["location"] == "/"
        assert (await client.get("/c/globex")).status_code == 404
        client.cookies.clear()
        assert (await client.get("/c/acme")).headers["location"] == "/sign-in?next=/c/acme/"
        assert (await client.get("/c/a%26b%22")).headers["location"] == "/sign-in?next=/c/a%26b%22/"


async def test_who_is_signed_in_stays_so_on_a_page_that_does_not_exist() -> None:
    async with web_client.open_client(
        routers=things.ROUTERS, principal=CALLER, session=True, navigation=things.NAVIGATION
    ) as client:
        known = await client.get("/c/acme/nowhere", headers=HTML)
        wrong_method = await client.get("/preferences/theme", headers=HTML)
        client.cookies.clear()
        stranger = await client.get("/c/acme/nowhere", headers=HTML)
    assert ("王敏" in known.text, 'href="/c/acme/things"' in known.text) == (True, True)
    assert (wrong_method.status_code, "王敏" in wrong_method.text) == (405, True)
    assert "王敏" not in stranger.text


async def test_a_page_that_does_not_exist_keeps_the_visitors_cookie() -> None:
    async with web_client.open_client(routers=things.ROUTERS) as client:
        first = await client.get("/nowhere", headers=HTML)
        again = await client.get("/nowhere", headers=HTML)
    assert VISITOR_COOKIE in first.headers["set-cookie"]
    assert "set-cookie" not in again.headers


SHOP_OF_TEA = "/s/tea/nowhere"


async def enter_tea(unit: Unit, slug: str) -> None:
    """Know the shop `tea`, closed as `closed`, and one that cannot be looked up."""
    if slug == "broken":
        raise ZeroDivisionError
    if slug != "tea":
        raise NoSuchPage
    unit.exchange.spoken = "zh_Hant"
    unit.exchange.shopfront = Shopfront(name="Tea & Co", home="/s/tea/", search="/s/tea/search", hue=120)


async def test_what_goes_wrong_in_a_shop_stands_in_its_frame() -> None:
    async with web_client.open_client(enter_shop=enter_tea) as client:
        lost = await client.get(SHOP_OF_TEA, headers=HTML)
        program = await client.get(SHOP_OF_TEA, headers={"accept": "application/json"})
        other = await client.get("/s/none/nowhere", headers=HTML)
        nobody = await client.get("/s/", headers=HTML)
        nul = await client.get("/s/a%00b/nowhere", headers=HTML)
    assert (lost.status_code, lost.headers["content-language"]) == (404, "zh-Hant")
    assert ("Tea &amp; Co" in lost.text, 'action="/s/tea/search"' in lost.text) == (True, True)
    assert (program.status_code, program.json()["code"]) == (404, "no_such_path")
    for answer in (other, nobody, nul):
        assert (answer.status_code, "Tea" in answer.text) == (404, False)


async def test_a_frame_that_cannot_be_found_hides_nothing() -> None:
    async with web_client.open_client(enter_shop=enter_tea) as client:
        told = await client.get("/s/broken/nowhere", headers=HTML)
    assert (told.status_code, "<h1>Not found</h1>" in told.text) == (404, True)


async def test_who_asks_too_often_for_what_is_not_there_is_told_without_a_frame() -> None:
    async with web_client.open_client(enter_shop=enter_tea) as client:
        while not client.frame.site.limits.visitors.take("127.0.0.1", time.monotonic()):
            pass
        told = await client.get(SHOP_OF_TEA, headers=HTML)
    assert (told.status_code, "Tea" in told.text) == (404, False)


async def test_a_page_that_does_not_exist_says_so_in_one_language() -> None:
    caller = web_client.principal(permissions={things.READ, things.WRITE}, locale="en")
    async with web_client.open_client(
        routers=things.ROUTERS, principal=caller, session=True, navigation=things.NAVIGATION
    ) as client:
        await client.get("/c/acme/things", headers=HTML)
        lost = await client.get("/c/acme/nowhere", headers={**HTML, "accept-language": "zh-CN"})
    assert lost.headers["content-language"] == "en"
    assert "There is nothing at this address." in lost.text
    assert "未找到" not in lost.text


async def test_a_refusal_is_escaped_on_its_page() -> None:
    async with web_client.open_client(routers=things.ROUTERS, principal=CALLER, session=True) as client:
        page = await client.get("/c/acme/things?kind=<script>", headers=HTML)
    assert "<script>" not in page.text.replace("<script defer", "")


async def test_a_change_leads_back_with_a_sentence_shown_once() -> None:
    async with web_client.open_client(routers=things.ROUTERS, principal=CALLER, session=True) as client:
        answer = await client.submit("/c/acme/things", {"name": "<b>茶</b>", "quantity": "2", "is_gift": "1"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/c/acme/things")
        first = await client.get("/c/acme/things", headers=HTML)
        second = await client.get("/c/acme/things", headers=HTML)
    assert "Made &lt;b&gt;茶&lt;/b&gt;." in first.text
    assert "Made" not in second.text


async def test_inputs_of_a_row_stay_together_where_some_are_empty() -> None:
    fields = {"name": "Cup", "quantity": "2", "row": ["1", "2", "3"], "count": ["", "5", ""]}
    async with web_client.open_client(routers=things.ROUTERS, principal=CALLER, session=True) as client:
        made = await client.submit("/c/acme/things", fields)
        wrong = await client.submit("/c/acme/things", {**fields, "count": ["", "five", ""]})
        dropped = await client.submit("/c/acme/things", {**fields, "row": ["", "7", ""], "count": ["5"]})
    assert made.json() == [[1, None], [2, 5], [3, None]]
    assert (wrong.status_code, list(wrong.json())) == (422, ["count", ""])
    assert dropped.json() == [[7, 5]]


async def test_a_change_can_be_taken_back_from_its_sentence() -> None:
    async with web_client.open_client(routers=things.ROUTERS, principal=CALLER, session=True) as client:
        await client.submit("/c/acme/things/kept", {}, page="/c/acme/things")
        page = (await client.get("/c/acme/things", headers=HTML)).text
        toast = page.partition("data-fade")[2].partition("</form>")[0]
        assert "Made Cup." in toast
        assert 'action="/c/acme/things"' in toast
        assert '<input type="hidden" name="quantity" value="1">' in toast
        again = await client.get("/c/acme/things", headers=HTML)
    assert "data-fade" not in again.text


async def test_a_way_back_leads_nowhere_but_into_the_console() -> None:
    raw = base64.urlsafe_b64encode(b'["Done", "ok", ["https://elsewhere.example/", {}]]').decode()
    async with web_client.open_client(routers=things.ROUTERS, principal=CALLER, session=True) as client:
        client.cookies.set(FLASH_COOKIE, raw)
        page = await client.get("/c/acme/things", headers=HTML)
    assert "elsewhere.example" not in page.text


async def test_a_form_names_every_field_in_the_wrong() -> None:
    fields = {"name": "", "quantity": "0", "note": "a\0b"}
    async with web_client.open_client(routers=things.ROUTERS, principal=CALLER, session=True) as client:
        unstorable = (await client.submit("/c/acme/things", fields)).json()
        wrong = await client.submit("/c/acme/things", {"quantity": "0", "colour": "red"})
    assert set(unstorable) == {"note", ""}
    assert wrong.status_code == 422
    assert set(wrong.json()) == {"name", "quantity", ""}
    assert "colour" in wrong.json()[""]
    assert wrong.json()["name"] == "This is empty. Please fill this in."


async def test_a_form_that_must_wait_says_for_how_long() -> None:
    async with web_client.open_client(routers=things.ROUTERS, principal=CALLER) as client:
        later = await client.submit("/c/acme/things/later", {"name": "Cup"})
    assert (later.status_code, later.headers["retry-after"]) == (503, "7")


async def test_language_and_theme_are_kept_without_an_account() -> None:
    async with web_client.open_client(routers=things.ROUTERS) as client:
        answer = await client.submit(
            "/preferences/language", {"value": "zh_Hant", "back": "/api/docs?x=1"}, page="/api/docs"
        )
        assert (answer.status_code, answer.headers["location"]) == (303, "/api/docs?x=1")
        await client.submit("/preferences/theme", {"value": "dark", "back": "/api/docs"}, page="/api/docs")
        await client.submit("/preferences/density", {"value": "compact", "back": "/api/docs"}, page="/api/docs")
        page = await client.get("/api/docs", headers=HTML)
    assert '<html lang="zh-Hant" data-theme="dark" data-density="compact">' in page.text
    assert page.headers["content-language"] == "zh-Hant"


async def test_who_is_signed_in_chooses_the_language_of_a_shop_too() -> None:
    async with web_client.open_client(
        routers=things.ROUTERS, principal=CALLER, session=True, enter_shop=enter_tea
    ) as client:
        shown = (await client.get(SHOP_OF_TEA, headers=HTML)).text
        token = shown.partition('name="csrf_token" value="')[2].partition('"')[0]
        fields = {"csrf_token": token, "value": "en", "back": SHOP_OF_TEA}
        chosen = await client.post("/preferences/language", data=fields, headers=HTML, follow_redirects=False)
        elsewhere = await client.post("/c/acme/things", data={"csrf_token": token, "name": "Cup"}, headers=HTML)
    assert (chosen.status_code, chosen.headers["location"]) == (303, SHOP_OF_TEA)
    assert elsewhere.status_code == 403, "the token of a visitor opens nothing else"


async def test_a_choice_that_does_not_exist_changes_nothing() -> None:
    async with web_client.open_client(routers=things.ROUTERS) as client:
        await client.submit("/preferences/language", {"value": "xx"}, page="/api/docs")
        page = await client.get("/api/docs", headers=HTML)
    assert '<html lang="en"' in page.text


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("/c/acme/orders?x=1", "/c/acme/orders?x=1"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("orders", "/"),
        ("/a\r\nset-cookie: x=1", "/"),
        ("javascript:alert(1)", "/"),
        ("//[", "/"),
        ("/[", "/["),
    ],
)
def test_nobody_is_sent_to_another_site(target: str, path: str) -> None:
    assert preferences.local_path(target) == path


@pytest.fixture(scope="module")
def templates() -> Templates:
    return Templates(Assets())


@pytest.mark.parametrize(
    ("locale", "written"),
    [
        ("en", "CN¥1,234.50 | Nov 21, 2026, 12:05:06\u202fPM | 1,234,567 | 2 hours ago"),
        ("zh_Hans", "¥1,234.50 | 2026年11月21日 12:05:06 | 1,234,567 | 2小时前"),
    ],
)
def test_filters_write_for_the_reader(templates: Templates, locale: str, written: str) -> None:
    source = "{{ m|money }} | {{ t|datetime }} | {{ n|number }} | {{ e|ago }}"
    view = View(locale, "Asia/Shanghai", NOON)
    context = {"m": money.Money(123450, "CNY"), "t": NOON, "n": 1234567, "e": NOON - timedelta(hours=2)}
    assert templates.render_source(source, view, context) == written


@pytest.mark.parametrize("name", ["<b>x</b>", "100% %(who)s %d", "\"'", "Owner"])
def test_a_name_that_is_looked_up_like_a_message_is_escaped_like_any(templates: Templates, name: str) -> None:
    view = View("zh_Hans", "UTC", NOON)
    written = templates.render_source('{{ _(name) }}|{{ _("%(days)s days", days=name) }}', view, {"name": name})
    assert "<b>" not in written
    assert '"' not in written
    assert html.unescape(written.partition("|")[0]) in {name, "所有者"}


def test_filters_write_nothing_as_a_dash(templates: Templates) -> None:
    source = "{{ x|money }}{{ x|datetime }}{{ x|date }}{{ x|time }}{{ x|number }}{{ x|ago }}"
    assert templates.render_source(source, View("en", "UTC", NOON), {"x": None}) == "—" * 6


def test_a_day_is_the_merchants(templates: Templates) -> None:
    late = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)
    view = View("en", "Asia/Shanghai", NOON)
    assert templates.render_source("{{ t|date }} {{ t|iso }}", view, {"t": late}) == (
        "Nov 22, 2026 2026-11-22T07:30:00+08:00"
    )


def test_a_form_shows_what_was_typed_and_what_is_wrong(templates: Templates) -> None:
    form: forms.Filled[things.ThingForm] = forms.Filled("en", None, {"name": ["<tea>"]}, {})
    form.refuse(things.SoldOut(available=2, field="name"))
    form.refuse(things.SoldOut(available=3, field="lines[0]"))
    source = (
        '{% import "base/macros.html" as ui with context %}'
        '{{ ui.errors(form) }}{{ ui.field(form, "name", "Name", hint="short") }}{{ ui.field(form, "note", "Note") }}'
        '{{ ui.select(form, "kind", "Kind", [("a", "A"), ("b", "B")], value="b") }}{{ ui.csrf() }}'
    )
    context = {"form": form, "csrf_field": "csrf_token", "csrf_token": "t", "form_field": "form", "form_id": "r"}
    page = templates.render_source(source, View("en", "UTC", NOON), context)
    assert form.status == 409
    assert 'value="&lt;tea&gt;"' in page
    assert 'aria-describedby="name-hint name-error"' in page
    assert "Only 2 are left." in page
    assert "Only 3 are left." in page
    assert '<option value="b" selected>' in page
