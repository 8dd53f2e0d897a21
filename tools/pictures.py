"""Take the pictures of the README: `python -m tools.pictures http://localhost:8000 PASSWORD [NAME…]`.

They are of the demo: `make run` in a fresh home prints the password. The same home (`JIEDAN_HOME`) is needed here, for
the links of customers. With names only those pictures are taken anew. It takes Chromium.
"""

import re
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from playwright.sync_api import Browser, Page, sync_playwright

from jiedan.base import home, settings
from jiedan.base.failures import EXIT_USAGE
from jiedan.base.ids import TenantId
from jiedan.base.web.exchange import LANGUAGE_COOKIE
from jiedan.base.web.site import SESSION_COOKIE
from jiedan.orders.rules import tickets

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures"
PATIENCE_MS = 60_000
QUIET_MS = 1_000
"""How long a page is left alone, until what follows by itself (a map, live numbers) stands there."""

ARGUMENTS_MIN = 2

OWNER = "owner@demo.example"
WAY = "svg.rmap"
"""The way of a parcel, as it is drawn."""


class Looked(NamedTuple):
    """How a page is looked at: its screen in CSS pixels, theme and language."""

    width: int
    height: int
    theme: str
    locale: str
    scale: int = 1


DESK = Looked(1440, 900, "light", "zh_Hans")
TALL = Looked(1440, 1240, "dark", "en")
PHONE = Looked(390, 844, "light", "zh_Hans", 2)


class Taker(NamedTuple):
    """A page of the demo at `address`, signed in as its owner with `password`."""

    page: Page
    address: str

    def console(self, path: str) -> None:
        """Open a page of the console."""
        self.page.goto(f"{self.address}/c/demo{path}")

    def shop(self, path: str) -> None:
        """Open a page of the shop."""
        self.page.goto(f"{self.address}/s/demo{path}")

    def follow(self, pattern: str) -> None:
        """Go where the first link leads whose address fits."""
        found = [x for x in self.page.locator("main a").all() if re.search(pattern, x.get_attribute("href") or "")]
        self.page.goto(self.address + (found[0].get_attribute("href") or ""))


def _orders(taker: Taker) -> None:
    taker.console("/orders")


def _order(taker: Taker) -> None:
    taker.console(f"/orders/{_on_its_way(taker, '鈴木')}")


def _pack_station(taker: Taker) -> None:
    taker.console("/pack")
    taker.follow(r"/fulfillment/[0-9a-f-]{36}/pack$")


def _shop(taker: Taker) -> None:
    taker.shop("/search?q=longjing")
    taker.follow(r"/products/")


def _tracking(taker: Taker) -> None:
    """Open what a customer sees by the link in the mail."""
    order_id = _on_its_way(taker, "鈴木")
    cookie = next(each for each in taker.page.context.cookies() if each.get("name", "").endswith(SESSION_COOKIE))
    tenant = TenantId(UUID(cookie.get("value", "").partition(".")[0]))
    ticket = tickets.ticket_of(settings.load().signing_secret(), tenant, order_id)
    taker.shop(f"/orders/{order_id}?{urlencode({'ticket': ticket})}")
    taker.page.locator(f"{WAY}:visible").first.scroll_into_view_if_needed()


def _on_its_way(taker: Taker, who: str = "") -> UUID:
    """Return the last order that left and has not arrived, of somebody where a name is given, whose way is drawn."""
    taker.console(f"/orders?{urlencode({'fulfillment': 'shipped', 'q': who})}")
    links = [link.get_attribute("href") or "" for link in taker.page.locator("main a.no").all()]
    for link in links:
        taker.page.goto(taker.address + link)
        if taker.page.locator(WAY).count():
            return UUID(link.partition("?")[0].rpartition("/")[2])
    message = "no order is on its way: is this the demo?"
    raise LookupError(message)


TAKEN: Mapping[str, tuple[Looked, Callable[[Taker], None]]] = MappingProxyType(
    {
        "orders": (DESK, _orders),
        "order": (TALL, _order),
        "pack-station": (PHONE, _pack_station),
        "shop": (PHONE, _shop),
        "tracking": (PHONE, _tracking),
    }
)
"""How each picture is taken, by its name."""


def take(browser: Browser, address: str, password: str, name: str) -> None:
    """Take one picture."""
    looked, go = TAKEN[name]
    context = browser.new_context(
        viewport={"width": looked.width, "height": looked.height},
        color_scheme="dark" if looked.theme == "dark" else "light",
        device_scale_factor=looked.scale,
        reduced_motion="reduce",
    )
    context.add_cookies([{"name": LANGUAGE_COOKIE, "value": looked.locale, "url": address}])
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"{address}/c/demo/home")
    page.locator("input[type=email]").fill(OWNER)
    page.locator("input[type=password]").first.fill(password)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: "sign-in" not in address)
    go(Taker(page, address))
    page.wait_for_timeout(QUIET_MS)
    page.screenshot(path=PICTURES / f"{name}.png")
    context.close()


def wrong(arguments: list[str]) -> str:
    """Return what is wrong with the arguments, or with the home; empty where nothing is."""
    if len(arguments) < ARGUMENTS_MIN:
        return "usage: python -m tools.pictures ADDRESS PASSWORD [NAME…]"
    unknown = [name for name in arguments[ARGUMENTS_MIN:] if name not in TAKEN]
    if unknown:
        return f"there is no picture {', '.join(unknown)}: take some of {', '.join(TAKEN)}"
    known = settings.load()
    if known.secret is None and not home.has_secret(known.home):
        return f"{known.home} is not the home of the demo: set JIEDAN_HOME to the one that it runs in"
    return ""


def main(arguments: list[str]) -> int:
    """Take the pictures that are named, or all."""
    problem = wrong(arguments)
    if problem:
        sys.stderr.write(f"{problem}\n")
        return EXIT_USAGE
    address, password, *names = arguments
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for name in names or TAKEN:
            take(browser, address.rstrip("/"), password, name)
            sys.stdout.write(f"{PICTURES.relative_to(ROOT) / name}.png\n")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
