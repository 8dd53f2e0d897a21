"""The gates of every page: no barrier that axe knows, no overflow, no breach of the policy, a budget of bytes.

Each page is walked light and dark, on a desk and on a phone; a slice in `make test`, all in `make proof`.
"""

import gzip
import itertools
import re
from typing import Any

import pytest
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page, Response

from jiedan.base.db import Database
from tests.api.worlds import World
from tests.browser import chromium, pages
from tests.browser.chromium import Stage
from tests.browser.looking import AXE, LOOKS, Look, barriers, too_wide
from tests.enumerations import cases
from tools import assets

pytestmark = [pytest.mark.browser, chromium.needs_chromium]

PAGE_BYTES_MAX = 60_000
"""A page with all it needs, compressed, without what loads when it is looked at."""

REQUESTS_MAX = 6
SLICES = 61
"""Not a multiple of the looks, so that each slice has all of them."""

NARROW_WIDTH = 320
SERVER_ERROR_STATUS = 500

INLINE = re.compile(rb"<[a-z][^>]*\s(style|on[a-z]+|hx-on[^=\s]*)=", re.IGNORECASE)

MEASURE = """() => performance.getEntriesByType('resource')
    .filter(x => ['link', 'css', 'script', 'use', 'other'].includes(x.initiatorType))
    .filter(x => !/mark\\.svg|icon|manifest|\\/live/.test(x.name) || /icons\\.svg/.test(x.name))
    .map(x => [x.name.replace(/#.*/, ''), x.encodedBodySize])"""


WITHOUT_WEIGHT = ("/api/docs", "/_ui/lazy")
"""The reference of every operation, and the page of the style guide that loads charts, maps and scanner at once."""


@pytest.mark.proof
async def test_every_page_keeps_the_gates(stage: Stage, db: Database, world: World) -> None:
    found: list[str] = []
    walked = itertools.product(pages.addresses(stage.client, world), LOOKS)
    is_built = bool(stage.client.frame.site.assets.named("app.css").compressed)
    by_look: dict[Look, list[str]] = {}
    for address, look in cases("pages by looks", walked, slices=SLICES):
        by_look.setdefault(look, []).append(address)
    for look, addresses in by_look.items():
        async with stage.screen(
            world.at.scope, width=look.width, theme=look.theme, locale=look.locale, cookie=world.session
        ) as screen:
            screen.expect("status of (404|409)")
            for address in addresses:
                page = await screen.context.new_page()
                try:
                    answer = await page.goto(stage.address + address)
                    assert answer is not None
                    problems = await _problems(page, answer, look)
                    if is_built and not address.endswith(WITHOUT_WEIGHT):
                        problems += await _weight(page, await answer.body())
                except PlaywrightError as error:
                    problems = [] if "Download is starting" in str(error) else [str(error)]
                problems += screen.complaints
                screen.complaints.clear()
                found += [f"{address} ({look.width}, {look.theme}, {look.locale}): {problem}" for problem in problems]
                await page.close()
    assert found == [], "\n".join(found)


async def _problems(page: Page, answer: Response, look: Look) -> list[str]:
    found: list[str] = []
    if answer.status >= SERVER_ERROR_STATUS:
        return [f"status {answer.status}"]
    body = await answer.body()
    if not body.lstrip().lower().startswith(b"<!doctype html"):
        return []  # a file, or a part of a page
    found += await too_wide(page, look.width)
    if look.width == chromium.PHONE_WIDTH:
        await page.set_viewport_size({"width": NARROW_WIDTH, "height": 700})
        found += await too_wide(page, NARROW_WIDTH)
        await page.set_viewport_size({"width": look.width, "height": 900})
    if inline := INLINE.search(body):
        found.append(f"inline: {inline[0].decode(errors='replace')[:200]}")
    return found + await barriers(page)


async def _weight(page: Page, body: bytes) -> list[str]:
    """Return what is too much; only a build is judged, the source is neither bundled nor compressed."""
    loaded: dict[str, int] = dict(await page.evaluate(MEASURE))
    total = len(gzip.compress(body)) + sum(loaded.values())
    found = []
    if total > PAGE_BYTES_MAX:
        found.append(f"{total} bytes: {loaded}")
    if len(loaded) + 1 > REQUESTS_MAX:
        found.append(f"{len(loaded) + 1} requests: {sorted(loaded)}")
    return found


@pytest.mark.skipif(not AXE.exists(), reason="NO AXE HERE: npm could not be reached, barriers were not looked for")
async def test_axe_finds_a_barrier_where_there_is_one(stage: Stage, db: Database, world: World) -> None:
    async with stage.screen(world.at.scope, cookie=world.session) as screen:
        page = await screen.visit("/sign-in")
        await page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<img src=\"/x\"><input>')")
        screen.expect("404")
        assert {problem.split(":")[0] for problem in await barriers(page)} >= {"axe image-alt", "axe label"}


def test_what_our_pages_load_stays_small() -> None:
    manifest: Any = assets.built()
    if not manifest.get("is_whole"):
        pytest.skip("THE ASSETS ARE BARE HERE: their sizes were not looked at")
    sizes = {
        name: (assets.DIST / f"{built['file']}.gz").stat().st_size
        for name, built in manifest["files"].items()
        if built["codings"]
    }
    assert sizes["app.css"] <= 20_000
    assert sizes["house.js"] <= 15_000
    assert sizes["htmx.js"] <= 17_000
