"""One customer of a merchant reaching for what is another's, by every address of the shop that names such a thing."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from uuid import UUID

from jiedan.base.db import Database, Scope
from jiedan.customers import service as customers
from jiedan.customers.values import ExemptionId, TaxExemption
from jiedan.orders import queries
from jiedan.orders.rules import tickets
from tests.api.conftest import api
from tests.base import web_client
from tests.portal import people
from tests.portal.factories import CHECKOUT, HTML, Visitor, hidden, open_shop, visiting
from tests.portal.test_checkout_wallets import press
from tests.portal.test_orders import FRONT, bought, id_of
from tests.security import crossing

__all__ = ["api"]

THEIRS = frozenset({"order_id", "address_id", "exemption_id"})
"""Parameters that name what one customer alone may see."""

ANYBODY_S = frozenset({"slug", "product_id", "category_id", "image_id"})
"""Parameters that name what is shown to everybody in the shop."""

SECRET = frozenset({"ticket"})
"""Parameters that are secrets themselves: tests/strangers/test_customer_tokens.py tries them at each other's doors."""

IN_FORMS = frozenset({"cart_id", "product_id"})
"""Ids in the fields of forms, which are tried below or name what is anybody's."""

LANE = "Canary Lane 7"

PAPER = b"%PDF-1.7 the paper of Han Meimei"

FIELDS: Mapping[str, str] = {"action": "cancel", "text": "Hello", "what": "all", "version": "1", "line1": "Elsewhere 1"}


def addresses(who: Visitor, ids: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield method and path, below the shop, of each route that names something of theirs."""
    for method, path, _ in crossing.routes(who.client):
        names = set(crossing.PARAMETER.findall(path)) & THEIRS
        if path.startswith("/s/{slug}/") and names:
            below = path.removeprefix("/s/{slug}")
            yield method, re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: ids[found[1]], below)


async def reached(who: Visitor, ids: Mapping[str, str], canaries: frozenset[str], query: str = "") -> list[str]:
    """Try every address; return what was not answered with 404, and what was shown."""
    found: list[str] = []
    count = 0
    for method, path in addresses(who, ids):
        address = f"{who.base}{path}{query}"
        if method == "GET":
            answer = await who.client.get(address, headers=HTML, follow_redirects=False)
        else:
            answer = await who.send(f"{path}{query}", FIELDS, on="/cart")
        count += 1
        is_asked_to_sign_in = answer.headers.get("location", "").startswith(f"{who.base}/account/sign-in")
        if answer.status_code != 404 and not is_asked_to_sign_in:
            found.append(f"{method} {path}{query}: {answer.status_code}")
        found += [f"{method} {path}{query} shows {word}" for word in sorted(canaries) if word in answer.text]
    assert count > 8, f"only {count} addresses"
    return found


async def exempted(db: Database, scope: Scope, order_id: UUID) -> str:
    """Keep a certificate and its scan of whose order it is, and return the id of the exemption."""
    async with db.begin(scope) as tx:
        customer_id = (await queries.order(tx, order_id)).order.customer_id
        assert customer_id is not None
        exemption = TaxExemption(ExemptionId(scope.tenant), "exempt", "EX-1")
        made = await customers.add_tax_exemption(tx, customer_id=customer_id, exemption=exemption)
        await customers.keep_certificate(tx, customer_id=customer_id, exemption_id=made, document=PAPER)
    return str(made)


async def test_every_parameter_of_a_shop_is_known_to_this_test(api: web_client.Client) -> None:
    paths = [path for _, path, _ in crossing.routes(api) if path.startswith("/s/")]
    named = {name for path in paths for name in crossing.PARAMETER.findall(path)}
    assert named == THEIRS | ANYBODY_S | SECRET, "say whose it is: what is one customer's own is walked here"


def test_every_id_in_a_form_of_the_shop_is_known_to_this_test() -> None:
    kinds = [kind for kind in crossing.form_kinds() if kind.__module__.startswith("jiedan.portal")]
    named = {name for kind in kinds for name in crossing.ids_of(kind)}
    assert named == IN_FORMS, "try it as another customer here"
    assert len(kinds) > 10


async def test_no_customer_checks_out_by_what_is_another_s(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope, front=FRONT)
    async with visiting(db, scope, tmp_path / "mei") as mei, visiting(db, scope, tmp_path / "lei") as lei:
        await people.join(mei, db, scope)
        await people.join(lei, db, scope, email="other@example.com", name="另外")
        kept = {k: v for k, v in CHECKOUT.items() if k not in {"email", "method"}}
        await mei.send("/account/addresses/new", {**kept, "line1": LANE}, on="/account/addresses/new")
        (address_id,) = set(re.findall(r"/account/addresses/([0-9a-f-]{36})", await mei.get("/account/addresses")))
        carts = []
        await mei.put_in("longjing", "TEA-50", 2)
        carts.append(hidden(await mei.get("/checkout"))["cart_id"])
        theirs = (await press(mei, await mei.get("/checkout"), action="place", payment="on_delivery")).headers[
            "location"
        ]
        await mei.put_in("longjing", "TEA-50", 2)
        carts.append(hidden(await mei.get("/checkout"))["cart_id"])
        assert len(set(carts)) == 2
        for cart_id in carts:
            await lei.put_in("longjing", "TEA-50")
            for shown in ({"book": address_id, "book_shown": ""}, {"book": "", "book_shown": address_id}):
                assert LANE not in (await press(lei, await lei.get("/checkout"), action="", **shown)).text
            placed = await press(
                lei, await lei.get("/checkout"), action="place", payment="on_delivery", cart_id=cart_id
            )
            assert placed.status_code == 303, placed.text
            ours = placed.headers["location"]
            assert ours.partition("?")[0] != theirs.partition("?")[0]
            order_id = tickets.order_of(web_client.SECRET, scope.tenant, ours.rpartition("/")[2].partition("?")[0])
            assert order_id is not None
            async with db.read(scope) as tx:
                found = await queries.order(tx, order_id)
            assert [line.ordered for line in found.lines] == [1]
        assert hidden(await mei.get("/checkout"))["cart_id"] == carts[1]


async def test_no_customer_reads_or_changes_what_is_another_s(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope, front=FRONT)
    async with (
        visiting(db, scope, tmp_path / "mei") as mei,
        visiting(db, scope, tmp_path / "lei") as lei,
        visiting(db, scope, tmp_path / "guest") as guest,
    ):
        await people.join(mei, db, scope)
        await people.join(lei, db, scope, email="other@example.com", name="另外")
        path = await bought(mei)
        kept = {k: v for k, v in CHECKOUT.items() if k not in {"email", "method"}}
        await mei.send("/account/addresses/new", {**kept, "name": "李雷"}, on="/account/addresses/new")
        book = await mei.get("/account/addresses")
        address_id = re.search(r"/account/addresses/([0-9a-f-]{36})", book)
        ids = {"order_id": str(id_of(path)), "address_id": address_id[1] if address_id else str(scope.tenant)}
        ids["exemption_id"] = await exempted(db, scope, id_of(path))
        own = await mei.client.get(f"{mei.base}/account/tax-certificates/{ids['exemption_id']}", headers=HTML)
        assert own.content == PAPER
        taken = (await mei.client.get(f"{mei.base}/account/data.json", headers=HTML)).json()
        (told,) = [x["certificate"] for one in taken["customers"] for x in one["tax_exemptions"]]
        assert told["fetched_from"].endswith(f"{mei.base}/account/tax-certificates/{ids['exemption_id']}")
        assert told["file_name"] == f"tax-certificate-{ids['exemption_id']}.pdf"
        other = (await bought(guest)).partition("?")[2]
        async with db.read(scope) as tx:
            before = await queries.order(tx, id_of(path))
        canaries = frozenset(
            {PAPER.decode(), before.order.number, CHECKOUT["line1"], CHECKOUT["email"], "韩梅梅", "mei@example.com"}
        )
        found = [
            *await reached(lei, ids, canaries),
            *await reached(lei, ids, canaries, f"?{other}"),
            *await reached(guest, ids, canaries),
            *await reached(guest, ids, canaries, f"?{other}"),
            *await reached(guest, ids, canaries, "?ticket=forged"),
        ]
        async with db.read(scope) as tx:
            after = await queries.order(tx, id_of(path))
        assert CHECKOUT["line1"] in await mei.get("/account/addresses")
    assert not found, "\n".join(found)
    assert after == before
