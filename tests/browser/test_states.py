"""The gates of pages that are not at rest: menus and details open, dialogs and drawers shown, forms refused.

Each page is walked light on a desk and dark on a phone; a slice in `make test`, all in `make proof`.
"""

import itertools
from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page

from jiedan.base.db import Database
from tests.api.worlds import World
from tests.browser import chromium, pages
from tests.browser.chromium import Stage
from tests.browser.looking import LOOKS, Look, barriers, too_wide
from tests.enumerations import cases

pytestmark = [pytest.mark.browser, chromium.needs_chromium]

SLICES = 61
"""Not a multiple of the looks, so that each slice has both."""

BOTH = (LOOKS[0], LOOKS[3])

OPEN_DETAILS = """() => {
    const closed = [...document.querySelectorAll('details:not([open], [data-menu])')];
    const seen = closed.filter(x => x.getClientRects().length);
    seen.forEach(x => { x.open = true; x.classList.add('walked'); });
    return seen.length;
}"""

MENUS = """() => [...document.querySelectorAll('details[data-menu]')].map((x, i) => [i, x])
    .filter(([i, x]) => x.getClientRects().length)
    .map(([i, x]) => [i, x.className + x.textContent.replace(/\\s+/g, ' ').trim()])"""

OPEN_MENU = """i => {
    document.querySelectorAll('details.walked').forEach(x => { x.open = false; x.classList.remove('walked'); });
    const menu = document.querySelectorAll('details[data-menu]')[i];
    menu.open = true;
    menu.classList.add('walked');
}"""

OPENED = "details.walked"

DIALOGS = """() => [...document.querySelectorAll('dialog[id], dialog.palette')]
    .map(x => [x.id ? '#' + x.id : 'dialog.palette', !!x.closest('main')])"""

FORMS = """() => [...document.querySelectorAll('form[method=post]')]
    .map((x, i) => [i, x.querySelector('[required]') && x.querySelector('button:not([formmethod=dialog])')])
    .filter(x => x[1]).map(x => x[0])"""
"""Forms that ask for something: without it they are refused, and change nothing."""

SEND_EMPTY = """i => {
    const form = [...document.querySelectorAll('form[method=post]')][i];
    form.noValidate = true;
    for (const x of form.querySelectorAll('[required]')) {
        if (x.type === 'checkbox' || x.type === 'radio') x.checked = false;
        else if (x.localName === 'select') x.selectedIndex = -1;
        else x.value = '';
    }
    form.removeAttribute('data-confirm');
    form.requestSubmit(form.querySelector('button:not([formmethod=dialog]):not([type=button])'));
}"""


@pytest.mark.proof
async def test_what_opens_keeps_the_gates(stage: Stage, db: Database, world: World) -> None:
    seen: set[tuple[Look, str]] = set()

    async def look_at(page: Page, _address: str, look: Look) -> list[str]:
        found = []
        if await page.evaluate(OPEN_DETAILS):
            found += await too_wide(page, look.width) + await barriers(page, OPENED)
        for menu, told in await page.evaluate(MENUS):
            if (look, told) not in seen:
                seen.add((look, told))
                await page.evaluate(OPEN_MENU, menu)
                found += await too_wide(page, look.width) + await barriers(page, OPENED)
        for dialog, is_of_page in await page.evaluate(DIALOGS):
            if not is_of_page and (look, dialog) in seen:
                continue  # every page has it
            seen.add((look, dialog))
            shown = page.locator(dialog).first
            await shown.evaluate("x => x.open || x.showModal()")
            found += [f"{dialog}: {each}" for each in await too_wide(page, look.width) + await barriers(page, dialog)]
            await shown.evaluate("x => x.close()")
        return found

    await walk(stage, world, "pages opened by looks", look_at)


@pytest.mark.proof
async def test_refused_forms_keep_the_gates(stage: Stage, db: Database, world: World) -> None:
    async def look_at(page: Page, address: str, look: Look) -> list[str]:
        found: list[str] = []
        if address.startswith("/_ui"):
            return found  # what the style guide shows leads nowhere
        for number, form in enumerate(await page.evaluate(FORMS)):
            if number:
                await page.goto(stage.address + address)
            async with page.expect_response(lambda answer: answer.request.method == "POST") as answered:
                await page.evaluate(SEND_EMPTY, form)
            await answered.value
            await page.wait_for_load_state()
            problems = await too_wide(page, look.width) + await barriers(page)
            found += [f"form {form}: {problem}" for problem in problems]
        return found

    await walk(stage, world, "pages refused by looks", look_at)


async def walk(
    stage: Stage, world: World, name: str, look_at: Callable[[Page, str, Look], Awaitable[list[str]]]
) -> None:
    """Look at every page of the slice, or at all of them in a proof."""
    found: list[str] = []
    by_look: dict[Look, list[str]] = {}
    for address, look in cases(name, itertools.product(pages.addresses(stage.client, world), BOTH), slices=SLICES):
        by_look.setdefault(look, []).append(address)
    for look, addresses in by_look.items():
        async with stage.screen(
            world.at.scope, width=look.width, theme=look.theme, locale=look.locale, cookie=world.session
        ) as screen:
            screen.expect("status of (403|404|409|422|429)")
            for address in addresses:
                page = await screen.context.new_page()
                try:
                    await page.goto(stage.address + address)
                    problems = await look_at(page, address, look)
                except PlaywrightError as error:
                    problems = [] if "Download is starting" in str(error) else [str(error)]
                problems += screen.complaints
                screen.complaints.clear()
                found += [f"{address} ({look.width}, {look.theme}, {look.locale}): {problem}" for problem in problems]
                await page.close(run_before_unload=False)
    assert found == [], "\n".join(found)
