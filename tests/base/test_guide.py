"""The style guide, and what may be said about all pages at once: it shows every component there is."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from jiedan.base.web import guide
from tests.base import web_client

HTML = {"accept": "text/html"}
TEMPLATES = Path(guide.__file__).parent / "templates" / "base"
MACRO = re.compile(r"\{%-? macro ([a-z]\w*)\(")


@pytest.mark.parametrize("language", ["en", "zh_Hans", "zh_Hant"])
async def test_every_page_answers_in_every_language(language: str) -> None:
    async with web_client.open_client() as client:
        for address in guide.ADDRESSES:
            page = await client.get(address, headers={**HTML, "cookie": f"jd_language={language}"})
            assert page.status_code == 200, address
            assert "<h1>" in page.text, address


async def test_only_where_jiedan_is_tried_and_built() -> None:
    async with web_client.open_client(public_url="https://orders.example.com") as client:
        assert [(await client.get(address, headers=HTML)).status_code for address in guide.ADDRESSES] == [404] * len(
            guide.ADDRESSES
        )
    async with web_client.open_client() as client:
        assert (await client.get("/_ui/nothing", headers=HTML)).status_code == 404


def test_it_shows_every_component() -> None:
    shown = "\n".join(path.read_text(encoding="utf-8") for path in (TEMPLATES / "guide").glob("*.html"))
    missing = [name for name in _components() if not re.search(rf"\b(?:ui|shop_ui)\.{name}\(", shown)]
    assert missing == []


def _components() -> Iterator[str]:
    """Yield the macros that pages use; those of the layout itself are on every page."""
    of_layout = {"choose_language", "choose_theme", "preferences", "csrf", "icon", "glyph", "timeline"}
    for name in ("macros", "marks", "fields", "parts", "shop"):
        found = MACRO.findall((TEMPLATES / f"{name}.html").read_text(encoding="utf-8"))
        yield from (macro for macro in found if macro not in of_layout)
