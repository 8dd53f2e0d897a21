"""The tutorial's words: what it names stands on the pages so, in both languages, and its addresses lead somewhere."""

import re
from pathlib import Path

from babel.messages.pofile import read_po

from jiedan import wiring
from jiedan.demo import goods
from jiedan.payments.providers.sandbox import processor
from tests.architecture import tree

TUTORIAL = (tree.ROOT / "docs" / "tutorial" / "first-ten-minutes.md").read_text(encoding="utf-8")
SANDBOX_PAGE = (Path(processor.__file__).parent / "pages" / "pay.html").read_text(encoding="utf-8")
SIMPLIFIED = tree.PACKAGE / "locale" / "zh_Hans" / "LC_MESSAGES" / "jiedan.po"

NAMES_MIN = 50
"""Whoever writes the names in another way finds these tests empty otherwise."""


def test_every_name_stands_on_a_page_so() -> None:
    with SIMPLIFIED.open("rb") as file:
        catalog = read_po(file)
    named = re.findall(r"\*\*([^*]+)\*\*(?:\s+\(((?:[^()（）]|（[^）]*）)+)\))?", TUTORIAL)
    assert len(named) >= NAMES_MIN
    wrong = []
    for written, chinese in named:
        name = " ".join(written.split())
        message = catalog.get(name)
        if message is None:
            if f">{name}" not in SANDBOX_PAGE:
                wrong.append(f"no page says {name!r}")
        elif chinese and message.string != chinese:
            wrong.append(f"{name!r} is called {message.string!r} in Chinese, not {chinese!r}")
    assert not wrong, "\n".join(wrong)


def test_every_address_is_a_page() -> None:
    patterns = [
        re.compile(re.sub(r"\\\{[^}]+\\\}", "[^/]+", re.escape(route.path)) + "/?")
        for router in wiring.ROUTERS
        for route in router.routes
    ]
    addresses = re.findall(r"<http://localhost:8000(/[^>]*)>", TUTORIAL)
    assert addresses
    assert [x for x in addresses if not any(pattern.fullmatch(x) for pattern in patterns)] == []


def test_what_is_scanned_is_sold_by_the_demo() -> None:
    codes = set(re.findall(r"`([A-Z]{3}-[A-Z0-9-]+)`", TUTORIAL))
    assert codes
    assert codes <= {variant.code for each in goods.GOODS for variant in goods.variants(each)}
