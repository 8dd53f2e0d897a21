"""The tutorial's words: what it names stands on the pages so, in both languages, and its addresses lead somewhere."""

import re
from datetime import timedelta
from pathlib import Path

from babel.messages.pofile import read_po

from jiedan import wiring
from jiedan.demo import goods, offers
from jiedan.payments.providers.sandbox import processor
from jiedan.pricing.rules import promotions
from jiedan.pricing.values.lots import Lot
from jiedan.pricing.values.promoted import Facts, GiftStock
from tests.architecture import tree
from tests.conftest import NOON

TUTORIAL = (tree.ROOT / "docs" / "tutorial" / "first-ten-minutes.md").read_text(encoding="utf-8")
SANDBOX_PAGE = (Path(processor.__file__).parent / "pages" / "pay.html").read_text(encoding="utf-8")
SIMPLIFIED = tree.PACKAGE / "locale" / "zh_Hans" / "LC_MESSAGES" / "jiedan.po"

DAYS = 30
"""So long after it was made the demo is tried at least."""

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


def test_what_is_bought_costs_the_same_whatever_the_demo_offers() -> None:
    shelf_of = {variant.code: each.shelf for each in goods.GOODS for variant in goods.variants(each)}
    parent_of = {shelf.code: shelf.parent or shelf.code for shelf in goods.SHELVES}
    price_of = {variant.code: variant.unit_minor for each in goods.GOODS for variant in goods.variants(each)}
    compiled = promotions.compile_promotions(offers.promotions(NOON))
    stock = {code: GiftStock(9, price_of[code]) for code in ("TOOL-TWL", "TOOL-STR")}
    for code, quantity, channel in (("TEA-LJ-250", 2, "web"), ("SWT-MOON", 1, "web"), ("SWT-NUT", 3, "console")):
        shelf = shelf_of[code]
        traits = frozenset({f"sku:{code}", f"category:{shelf}", f"category:{parent_of[shelf]}"})
        lot = Lot(code, quantity, price_of[code], price_of[code] * quantity, traits)
        for days in range(DAYS):
            at = NOON + timedelta(days=days)
            told = promotions.promote([lot], Facts("CNY", at, at, channel, gifts=stock), compiled)
            assert [applied.promotion for applied in told.applied] == [], (code, days)
