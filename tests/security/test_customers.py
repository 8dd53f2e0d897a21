"""One customer of a merchant reaching for what is another's, by every address of the shop that names such a thing."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from uuid import UUID

from jiedan.base.db import Database, Scope
from jiedan.customers import service as customers
from jiedan.customers.values import ExemptionId, TaxExemption
from jiedan.orders import queries
from tests.portal import people
from tests.portal.factories import CHECKOUT, HTML, Visitor, open_shop, visiting
from tests.portal.test_orders import FRONT, bought, id_of
from tests.security import crossing

THEIRS = frozenset({"order_id", "address_id", "exemption_id"})
"""Parameters that name what one customer alone may see."""

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
