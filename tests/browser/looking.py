"""Looking at a page for the gates: barriers that axe knows, and what is wider than the screen."""

import functools
from typing import Any, NamedTuple

from playwright.async_api import Page

from tests.browser import chromium
from tools import assets

AXE = assets.WEB / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


class Look(NamedTuple):
    """How a page is looked at."""

    width: int
    theme: str
    locale: str


LOOKS = (
    Look(chromium.DESK_WIDTH, "light", "zh-CN"),
    Look(chromium.DESK_WIDTH, "dark", "en-US"),
    Look(chromium.PHONE_WIDTH, "light", "en-US"),
    Look(chromium.PHONE_WIDTH, "dark", "zh-TW"),
)

_WIDEST = """() => [...document.querySelectorAll('body *')]
    .filter(x => x.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
    .slice(0, 3).map(x => x.outerHTML.slice(0, 90)).join(' | ')"""


async def too_wide(page: Page, width: int) -> list[str]:
    """Return what is wider than the screen, which is as wide as told."""
    root = page.locator("html")
    if await root.evaluate("x => x.scrollWidth > x.clientWidth"):
        return [f"wider than {width} px: {await page.evaluate(_WIDEST)}"]
    return []


async def barriers(page: Page, within: str = "html") -> list[str]:
    """Return what axe finds in the page or a part of it; nothing where axe could not be had."""
    if not AXE.exists():
        return []
    if not await page.evaluate("typeof axe === 'object'"):
        await page.evaluate(_axe())
    options = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
    result: dict[str, Any] = await page.evaluate("([within, options]) => axe.run(within, options)", [within, options])
    return [
        f"axe {each['id']}: {node['html'][:160]} ({node['failureSummary'][:200]})"
        for each in result["violations"]
        for node in each["nodes"][:3]
    ]


@functools.cache
def _axe() -> str:
    return AXE.read_text(encoding="utf-8")
