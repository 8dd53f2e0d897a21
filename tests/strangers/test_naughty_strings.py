"""Known failure: what one person typed runs in another's browser, or breaks the page it is shown on."""

import html.parser

import pytest

from tests.accounts import factories
from tests.api.worlds import World
from tests.base import web_client
from tests.strangers import typed as typing
from tests.strangers.typed import NAUGHTY, QUOTES, TAG, Typed


class Running(html.parser.HTMLParser):
    """Collect what a page would run, or would be another page by: markup that no template of ours has."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at one element."""
        given = dict(attrs)
        if (tag == "script" and "src" not in given) or tag in {"style", "iframe", "object", "embed", "base", "jd-tag"}:
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            leads = (value or "").strip().lower().startswith(("javascript:", "data:", "vbscript:"))
            if name.startswith("on") or name in {"style", "srcdoc"} or (name in LEADING and leads):
                self.found.append(f"<{tag} {name}={value!r}>")


LEADING = frozenset({"href", "src", "action", "formaction", "hx-get", "hx-post"})


def running(page: str) -> list[str]:
    """Return what a page would run."""
    parser = Running()
    parser.feed(page)
    return parser.found


async def _faults_of_page(browser: web_client.Client, world: World, path: str) -> tuple[int, list[str]]:
    """Return whether a page shows what was typed, and where it does so as anything but text."""
    answer = await browser.get(world.address(path), headers={"accept": "text/html"}, follow_redirects=False)
    if not answer.headers.get("content-type", "").startswith("text/html"):
        return 0, []
    found = [f"{path} shows {bad}" for bad in (TAG, QUOTES, 'jd"q', "jd&quot;q'jd") if bad in answer.text]
    found += [f"{path} has {element}" for element in running(answer.text)]
    return "&lt;jd-tag&gt;" in answer.text, found


async def test_no_page_shows_what_was_typed_as_anything_but_text(api: web_client.Client, typed: Typed) -> None:
    found: list[str] = []
    shown = {"/c/{slug}": 0, "/s/{slug}": 0}
    async with typing.signed_in(api, typed.world) as browsers:
        for browser, begins in zip(browsers, shown, strict=True):
            for path in typing.pages(api, begins):
                is_shown, faults = await _faults_of_page(browser, typed.world, path)
                shown[begins] += is_shown
                found += faults
    assert not found, "\n".join(found)
    assert shown["/c/{slug}"] > 20, shown
    assert shown["/s/{slug}"] > 5, shown


@pytest.mark.parametrize("text", NAUGHTY)
async def test_what_is_typed_comes_back_as_it_was_and_runs_nowhere(
    api: web_client.Client, typed: Typed, text: str
) -> None:
    world = typed.world
    body = {"name": text.strip()}
    kept = await api.post("/api/v1/customers", json=body, headers=world.headers)
    assert kept.status_code in {201, 422}, kept.text
    if kept.status_code == 201:
        address = f"/api/v1/customers/{kept.json()['customer_id']}"
        assert (await api.get(address, headers=world.headers)).json()["name"] == kept.json()["name"]
    async with typing.signed_in(api, world) as (staff, shopper):
        asked = [(staff, f"/c/{world.at.slug}/{path}") for path in ("orders", "cases", "staff", "customers", "coupons")]
        asked += [(shopper, f"/s/{world.at.slug}/{path}") for path in ("", "search", "track", "cart", "orders")]
        for browser, address in asked:
            page = await browser.get(address, params={"q": text, "tag": text, "category": text, "back": text})
            assert page.status_code in {200, 303, 404, 422}, page.text
            assert running(page.text) == []
            if "<" in text or '"' in text:
                assert text not in page.text


async def test_an_address_that_does_not_exist_is_not_repeated_as_a_page(api: web_client.Client, typed: Typed) -> None:
    for text in NAUGHTY:
        for path in ("/c/{}", "/{}", f"/c/{typed.world.at.slug}/orders/{{}}", "/sign-in?next={}"):
            address = path.format(text.replace("%", "%25").replace("/", "%2F").replace("#", "%23"))
            printable = address.replace("\x1b", "%1B")
            answer = await api.get(printable, headers={"accept": "text/html"})
            assert answer.status_code < 500
            assert running(answer.text) == [], address


async def test_pages_may_run_no_script_of_their_own(api: web_client.Client, typed: Typed) -> None:
    page = await api.get(f"/c/{typed.world.at.slug}/orders", headers=typed.world.session_headers)
    policy = page.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe-inline" not in policy
    assert page.headers["x-content-type-options"] == "nosniff"
    assert factories.PASSWORD not in page.text
