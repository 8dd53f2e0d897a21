"""The living style guide, `/_ui`: every component of the house in every state, on pages that tests walk through.

It is for those who build pages, so it is in English, and it answers only where Jiedan is tried and built: when its own
address is this machine. See docs/adr/0014.
"""

import dataclasses
from datetime import timedelta
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from litestar import Response, get

from jiedan.base import events, paging
from jiedan.base.ids import TenantId
from jiedan.base.web import forms, pages, route_map, routing
from jiedan.base.web.accent import HUES
from jiedan.base.web.errors import NoSuchPage
from jiedan.base.web.principals import SESSION, Principal
from jiedan.base.web.route_map import StopState
from jiedan.base.web.shopfront import Shopfront
from jiedan.base.web.site import NavigationEntry
from jiedan.base.web.unit import Unit

PATH = "/_ui"
THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})

_MAY = "guide:read"


class Chapter(NamedTuple):
    """A page of the guide: its last part of the address, its title, its icon."""

    name: str
    title: str
    icon: str


CHAPTERS: tuple[Chapter, ...] = (
    Chapter("marks", "Marks", "star"),
    Chapter("actions", "Actions", "zap"),
    Chapter("fields", "Fields", "edit"),
    Chapter("lists", "Lists", "list"),
    Chapter("records", "Records", "clipboard-list"),
    Chapter("feedback", "Feedback", "bell"),
    Chapter("floor", "Floor", "scan-barcode"),
    Chapter("lazy", "Loaded when asked for", "chart"),
    Chapter("portal", "Portal", "shopping-bag"),
)

ADDRESSES: tuple[str, ...] = (PATH, *(f"{PATH}/{chapter.name}" for chapter in CHAPTERS))
"""Every page, for tests and gates that walk through all of them."""

_TABS = frozenset({"lists", "records", "fields"})

_FRAME = tuple(
    NavigationEntry(
        f"{PATH}/{c.name}", c.title, c.icon, _MAY, waiting=c.name, on_phone=c.name in _TABS, is_scan=c.name == "floor"
    )
    for c in CHAPTERS
)

_SHOP = Shopfront(
    name="清茶集 Clear Tea House",
    home=f"{PATH}/portal",
    places=(("新品 New", f"{PATH}/portal"), ("茶具 Tea ware", PATH), ("我的訂單 My orders", PATH)),
    search=f"{PATH}/portal",
    account=PATH,
    cart=PATH,
    in_cart=3,
    currency="CNY",
    currencies=("CNY", "USD", "TWD"),
    choose_currency="/preferences/language",
    links=(("Terms", PATH), ("Help", PATH)),
)


class Step(NamedTuple):
    """A place on a parcel's way."""

    name: str
    state: StopState
    lat: float | None
    lon: float | None
    label: str = ""


_WAY = (
    Step("昆明 Kunming", "past", 25.04, 102.71, "Picked up"),
    Step("武汉 Wuhan", "now", 30.59, 114.3, "Sorted"),
    Step("臺北 Taipei", "ahead", 25.03, 121.56, "To be delivered"),
)


class Names(NamedTuple):
    """Names as they come: short, long, in three scripts."""

    short: str = "林晓雯"
    traditional: str = "陳美玲（臺北門市）"
    long: str = "Wilhelmina-Alexandra von Hohenstein-Oberbergischer-Kreis"
    unbroken: str = "SKU-2026-AUTUMN-LIMITED-EDITION-CERAMIC-KETTLE-600ML-MATTE-BLACK"


@get(PATH, public=True)
async def guide_page(unit: Unit) -> Response[str]:
    """Show what the house is made of."""
    return _page(unit, "index")


@get(PATH + "/{chapter:str}", public=True)
async def guide_chapter(unit: Unit, chapter: str) -> Response[str]:
    """Show one family of components."""
    if chapter not in {known.name for known in CHAPTERS}:
        raise NoSuchPage
    return _page(unit, chapter)


def _page(unit: Unit, name: str) -> Response[str]:
    """Render a page with samples. Raises NoSuchPage for whoever comes from elsewhere."""
    if urlsplit(unit.runtime.settings.base_url()).hostname not in THIS_MACHINE:
        raise NoSuchPage
    now = unit.runtime.clock.now()
    frame: dict[str, Any] = {"shop": _SHOP} if name == "portal" else {}
    return pages.render(
        unit,
        f"base/guide/{name}.html",
        chapters=CHAPTERS,
        principal=_somebody(unit),
        navigation=list(_FRAME),
        may=frozenset({_MAY}),
        url=lambda path: path if path.startswith(PATH) else PATH,
        numbers_waiting={"lists": 5, "records": 1_204, "notices": 3},
        waiting_for=frozenset({"lists", "records", "notices"}),
        names=Names(),
        now=now,
        earlier=now - timedelta(hours=5),
        course=(3, 5, 4, 8, 6, 9, 12, 10, 14),
        months=[
            (str(month), amount) for month, amount in enumerate((4, 12, 1, 8, 3, 15, 22, 6, 9, 13, 7, 19), start=1)
        ],
        page_of_list=paging.Page([], next="n", previous="p"),
        count=paging.Count(1_000, is_capped=True),
        wrong=_wrong(unit),
        hues=range(0, HUES, 15),
        way=_WAY,
        pictures=route_map.pictures(_WAY),
        **frame,
    )


def _somebody(unit: Unit) -> Principal:
    known = unit.visitor
    made = Principal(
        tenant=TenantId(unit.runtime.database.uuids.new(unit.runtime.clock.now())),
        actor=events.SYSTEM,
        permissions=frozenset({_MAY}),
        caller="guide",
        name="王敏",
        slug="",
        merchant="织云订单 华东运营中心 Eastern Operations",
        scheme=SESSION,
    )
    return made if known is None else dataclasses.replace(made, hue=known.hue)


def _wrong(unit: Unit) -> "forms.Filled[Any]":
    """Return a form that was refused."""
    form = forms.empty(unit, email="lin.xw@", amount="12,3", note="…", quantity="0", kind="b")
    form.errors_by_field.update(
        email="This is not an e-mail address.",
        amount="“12,3” is not an amount of CNY.",
        note="Say at least how the goods arrived.",
        kind="There are none of these left.",
    )
    form.above.append("The order was shipped meanwhile.")
    return form


ROUTER = routing.root([guide_page, guide_chapter])
