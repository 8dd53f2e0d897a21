"""Known failure: what one person typed runs in another's browser, or breaks the page it is shown on."""

import html.parser

import pytest

from jiedan.base.web import gate
from tests.accounts import factories
from tests.base import web_client
from tests.security import crossing
from tests.strangers.typed import QUOTES, TAG, Typed

NAUGHTY = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "javascript:alert(1)",
    "</textarea><script>alert(1)</script>",
    "</title><svg/onload=alert(1)>",
    "{{7*7}}{% raw %}{{ config }}",
    "${7*7}#{7*7}<%= 7*7 %>",
    "\N{RIGHT-TO-LEFT OVERRIDE}gpj.exe",
    "Ω≈ç√∫˜µ≤≥÷",
    "𝕿𝖍𝖊 𝖖𝖚𝖎𝖈𝖐",
    "田中さんにあげて下さい",
    "👩‍👩‍👧‍👦 🏳️‍🌈",
    "ﷺ",
    "\N{ZERO WIDTH SPACE}\N{ZERO WIDTH NO-BREAK SPACE}x",
    "Z̮̞̠͙͔ͅḀ̗̞͈̻̗Ḷ͙͎̯̹̞͓G̻O̭̗̮",
    "NULL",
    "undefined",
    "../../../etc/passwd",
    "%s%n%x%d",
    "1;DROP TABLE users",
    "' OR 1=1 --",
    "\x1b[31mred",
    "a\u2028b\u2029c",
)


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


def pages(client: web_client.Client) -> list[str]:
    return [
        path
        for method, path, handler in crossing.routes(client)
        if method == "GET"
        and path.startswith("/c/")
        and path not in crossing.STREAMS
        and handler.opt.get(gate.PERMISSION)
    ]


async def test_no_page_shows_what_was_typed_as_anything_but_text(api: web_client.Client, typed: Typed) -> None:
    found: list[str] = []
    shown = 0
    for path in pages(api):
        answer = await api.get(typed.world.address(path), headers=typed.world.session_headers)
        if not answer.headers["content-type"].startswith("text/html"):
            continue
        shown += "&lt;jd-tag&gt;" in answer.text
        found += [f"{path} shows {bad}" for bad in (TAG, QUOTES, 'jd"q', "jd&quot;q'jd") if bad in answer.text]
        found += [f"{path} has {element}" for element in running(answer.text)]
    assert not found, "\n".join(found)
    assert shown > 3


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
    for path in ("orders", "cases", "staff"):
        page = await api.get(
            f"/c/{world.at.slug}/{path}", params={"q": text, "tag": text}, headers=world.session_headers
        )
        assert page.status_code in {200, 404, 422}, page.text
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
