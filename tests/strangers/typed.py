"""Every text of bodies, queries and forms, filled in by somebody who means no good: what is taken is stored, shown."""

import contextlib
import copy
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any, NamedTuple

import httpx2
import pytest_asyncio

from jiedan.base.db import Database
from jiedan.base.ratelimit import TokenBuckets
from jiedan.base.web import gate
from jiedan.base.web.site import SESSION_COOKIE
from tests.api import filling, operations, worlds
from tests.api.operations import JSON, Operation
from tests.api.worlds import World
from tests.base import web_client
from tests.security import crossing

CARD = "4111 1111 1111 1111"
TAG = "<jd-tag>"
QUOTES = "jd\"q'jd"
SHORT_MIN = 12
"""Fields for less hold codes of two or three letters, which nothing of this fits into."""

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

LEFT_ALONE = frozenset({"slug", "own_host"})
"""Inputs that say where the merchant's pages are: one that takes a text leads everything after it elsewhere."""


class Typed(NamedTuple):
    """A merchant whose texts are a stranger's; `fields` tells by number which text of which operation it was."""

    world: World
    fields: dict[int, str]
    accepted: frozenset[int]
    by_form: frozenset[int]
    """Those of `fields` that are inputs of forms."""


class Typist:
    """Number the texts that are typed into, and remember which of them were taken."""

    def __init__(self, at: World) -> None:
        self.at = at
        self.fields: dict[int, str] = {}
        self.accepted: set[int] = set()
        self.by_form: set[int] = set()

    def begin(self, name: str) -> int:
        """Return the number of the next text, which is called `name`."""
        number = len(self.fields) + 1
        self.fields[number] = name
        return number

    def answered(self, number: int, answer: httpx2.Response) -> bool:
        """Take note of an answer, which must not be a failure; tell whether it says that the text was taken."""
        assert answer.status_code < 500, f"{self.fields[number]}: {answer.text}"
        is_taken = answer.status_code < 300 or answer.status_code == 303
        self.accepted |= {number} if is_taken else set()
        return is_taken


def texts(operation: Operation) -> Iterator[tuple[str, tuple[str | int, ...], dict[str, Any], Any]]:
    """Yield where free texts stand in an operation's body: path, keys, schema, and the body that has them."""
    for place in operations._places(operation.schema or {}, operation.example, "", ()):
        is_text = _is_text(place.schema)
        if place.is_property and is_text and place.schema.get("maxLength", 10**6) >= SHORT_MIN:
            yield place.path, place.keys, place.schema, place.body


def _is_text(schema: dict[str, Any]) -> bool:
    kinds = [schema, *schema.get("oneOf", ()), *schema.get("anyOf", ())]
    return any(x.get("type") == "string" and "enum" not in x and "format" not in x for x in kinds)


def _kinds(number: int) -> list[str]:
    return [
        f"f{number}f {CARD}",
        f"=f{number}f+1",
        f"f{number}f {TAG}{QUOTES}",
    ]


async def _type_into_bodies(api: web_client.Client, typist: Typist) -> None:
    at = typist.at
    for operation in await operations.all_operations(api):
        if operation.schema is None or "revo" in operation.path:
            continue
        known = operation._replace(example=at.known(operation.example))
        for path, keys, _, body in texts(known):
            number = typist.begin(f"{operation.name} {path}")
            for text in _kinds(number):
                sent = operations._with(copy.deepcopy(body), keys, text)
                answer = await api.request(
                    operation.method,
                    at.address(operation.path),
                    content=json.dumps(sent).encode(),
                    headers={**at.headers, "content-type": JSON, "idempotency-key": f"{number}{text[:3]}"},
                )
                typist.answered(number, answer)


QUERIES: dict[str, dict[str, str]] = {"POST /api/v1/imports": {"kind": "products"}}
"""What else the queries of writes need."""


def texts_in_query(operation: Operation) -> list[str]:
    """Return the texts that an operation is told behind its address."""
    told = operation.told.get("parameters", ())
    return [each["name"] for each in told if each["in"] == "query" and _is_text(each["schema"])]


async def _type_into_queries(api: web_client.Client, typist: Typist) -> None:
    at = typist.at
    for operation in await operations.all_operations(api):
        for name in texts_in_query(operation) if operation.method != "get" else ():
            number = typist.begin(f"{operation.name} {name}")
            for round_, text in enumerate(_kinds(number)):
                kept = b"sku,name,price\nP%d,Pot,1\n" % (10 * number + round_)
                is_table = "text/csv" in operation.told.get("requestBody", {}).get("content", {})
                answer = await api.request(
                    operation.method,
                    at.address(operation.path),
                    params={**QUERIES.get(operation.name, {}), name: text},
                    content=kept if is_table else crossing._content(operation),
                    headers={**at.headers, "idempotency-key": f"{number}{text[:3]}"},
                )
                typist.answered(number, answer)


async def _type_into_forms(browser: web_client.Client, typist: Typist, begins: str) -> None:
    """Go to every page whose address begins so, and type into each input of each of its forms, one at a time."""
    done: set[tuple[str, str]] = set()
    here = typist.at.address(begins)
    for path in pages(browser, begins):
        address = typist.at.address(path)
        await _come_to(browser, typist.at, address)
        for form in await filling.shown(browser, address):
            for each in form.typed():
                place = (form.name, each.name)
                if place in done or each.name in LEFT_ALONE or not form.action.startswith(here):
                    continue
                done.add(place)
                number = typist.begin(f"{path} {form.name} {each.name}")
                typist.by_form.add(number)
                await _type_into_form(browser, typist, (address, form, each.name), number)


async def _type_into_form(
    browser: web_client.Client, typist: Typist, place: tuple[str, filling.Shown, str], number: int
) -> None:
    """Type a card and markup, the card alone where both are refused, and a word of the corpus where one is taken."""
    address, form, name = place

    async def is_taken(text: str) -> bool:
        await _come_to(browser, typist.at, address)
        now = filling.same(await filling.shown(browser, address), form)
        return now is not None and typist.answered(number, await filling.send(browser, now, name=name, text=text))

    if await is_taken(f"f{number}f {CARD} {TAG}{QUOTES}") or await is_taken(f"f{number}f {CARD}"):
        await is_taken(NAUGHTY[number % len(NAUGHTY)])


async def _come_to(browser: web_client.Client, at: World, address: str) -> None:
    """Do what a page needs to show its form: a cart with something in it."""
    if address.endswith(("/cart", "/checkout")):
        await fill_cart(browser, at)


def pages(client: web_client.Client, begins: str) -> list[str]:
    """Return the paths of pages that begin so and that somebody who is signed in there may see."""
    return [
        path
        for method, path, handler in crossing.routes(client)
        if method == "GET"
        and path.startswith(begins)
        and path not in crossing.STREAMS
        and (handler.opt.get(gate.PERMISSION) or handler.opt.get(gate.STOREFRONT))
    ]


async def fill_cart(browser: web_client.Client, at: World) -> None:
    """Put tea into the cart of a shop's visitor."""
    for form in await filling.shown(browser, at.address("/s/{slug}/products/{product_id}")):
        if form.action.endswith("/cart/lines"):
            await filling.send(browser, form)
            return


@contextlib.asynccontextmanager
async def signed_in(api: web_client.Client, at: World) -> AsyncIterator[tuple[web_client.Client, web_client.Client]]:
    """Open the browsers of the owner at the console and of the customer in the shop; nobody is told to slow down."""
    limits = api.frame.site.limits
    before = limits.visitors, limits.checkouts
    limits.visitors = limits.checkouts = TokenBuckets(rate_per_s=10**6, burst=10**6)
    async with web_client.Client(api.frame) as staff, web_client.Client(api.frame) as shopper:
        staff.cookies.set(SESSION_COOKIE, at.session)
        name, _, secret = at.shopper.partition("=")
        shopper.cookies.set(name, secret)
        yield staff, shopper
    limits.visitors, limits.checkouts = before


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def typed(api: web_client.Client, session_db: Database) -> Typed:
    """Return a merchant in which every text that a body, a query or a form may hold was tried in three ways."""
    at = await worlds.build(api, session_db)
    typist = Typist(at)
    await _type_into_bodies(api, typist)
    await _type_into_queries(api, typist)
    sandbox = "/api/v1/payment-providers/sandbox"
    worlds.answered(await api.put(sandbox, json={"is_active": True}, headers=at.headers))
    async with signed_in(api, at) as (staff, shopper):
        await _type_into_forms(staff, typist, "/c/{slug}")
        await _type_into_forms(shopper, typist, "/s/{slug}")
    return Typed(at, typist.fields, frozenset(typist.accepted), frozenset(typist.by_form))
