"""Each page of the console marks the place in the side bar that it belongs to."""

import re

import pytest

from jiedan import wiring
from jiedan.base.db import Database, Scope
from jiedan.base.web import routing
from jiedan.base.web.site import nearest
from jiedan.console import pages as console
from tests.console.test_search import one_order, open_console

HTML = {"accept": "text/html"}

OF_NO_PLACE = frozenset({"account", "join", "notices", "search", "sign-in", "waiting"})
"""Areas with a door of their own in the frame, or with none: they belong to a person, not to a place."""

OF_THE_APPLICATION = frozenset({"/c/acme/", "/c/acme/manifest.webmanifest"})
"""Addresses that no module's router has."""


def marked(page: str) -> str:
    bar = page[page.index('<ul class="nav"') :]
    return "".join(re.findall(r'href="([^"]+)" aria-current="page"', bar[: bar.index("</ul>")]))


def test_every_area_of_the_console_belongs_to_a_place() -> None:
    paths = [route.path for router in wiring.ROUTERS for route in router.routes]
    areas = {path.split("/")[3] for path in paths if path.startswith(f"{routing.CONSOLE_PATH}/")}
    lost = {area for area in areas if nearest(wiring.NAVIGATION, f"/{area}") is None}
    assert lost == OF_NO_PLACE


async def test_no_link_of_a_page_leads_nowhere(db: Database, scope: Scope) -> None:
    routes = [route for router in wiring.ROUTERS for route in router.routes]
    there = re.compile("|".join(re.sub(r"\{[^}]*\}", "[^/]+", route.path.rstrip("/")) for route in routes))
    at = f"{routing.CONSOLE_PATH}/"
    pages = {route.path.removeprefix(at) for route in console.ROUTER.routes if route.path.startswith(at)}
    looked_at, lost = 0, dict[str, str]()
    await one_order(db, scope)
    async with open_console(db, scope) as client:
        for page in sorted(page for page in pages if "{" not in page):
            shown = await client.get(f"/c/acme/{page}", headers=HTML)
            if shown.status_code == 200:
                looked_at += 1
                links = set(re.findall(r'(?:href|action)="(/c/acme[^"?#]*)', shown.text))
                lost |= {link: page for link in links - OF_THE_APPLICATION if not there.fullmatch(link.rstrip("/"))}
    assert looked_at > 20
    assert not lost


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/customer-groups", "/customers"),
        ("/categories/new", "/products"),
        ("/ordersets", None),
        ("/orders/drafts", "/orders"),
        ("/settings/mail", "/settings"),
        ("/staff", "/settings"),
    ],
)
def test_a_page_belongs_to_the_place_that_covers_most_of_its_path(path: str, place: str | None) -> None:
    found = nearest(wiring.NAVIGATION, path)
    assert (found.path if found else None) == place


def test_the_more_particular_place_is_the_one_that_is_marked() -> None:
    within = nearest(wiring.SETTINGS, "/settings/mail")
    assert within is not None
    assert within.path == "/settings/mail"


async def test_a_page_beside_its_place_marks_it_once(db: Database, scope: Scope) -> None:
    async with open_console(db, scope) as client:
        found = await client.get("/c/acme/search", headers=HTML)
        lost = await client.get("/c/acme/customer-groups", headers=HTML)
    assert marked(found.text) == ""
    assert marked(lost.text) == "/c/acme/customers"
