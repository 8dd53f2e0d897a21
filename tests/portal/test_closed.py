"""A shop that was closed: who holds a link that was mailed before is told so, and nobody else."""

from pathlib import Path

from jiedan.accounts import service as accounts
from jiedan.base.db import Database, Scope
from tests.portal import people
from tests.portal.factories import HTML, hidden, open_shop, visiting
from tests.portal.people import MEI

FORMS_OF_LINKS = ("account", "session", "password", "email")


async def test_who_holds_a_link_into_a_closed_shop_is_told_so_and_nobody_else(
    db: Database, scope: Scope, tmp_path: Path
) -> None:
    await open_shop(db, scope, front={"contact_email": "shop@example.com"})
    async with visiting(db, scope, tmp_path) as who:
        await who.send("/register", {"email": MEI}, on="/register")
        page = f"/link?token={await people.mailed(db, scope)}"
        fields = {**hidden(await who.get(page)), "name": "Mei"}
        await db.write(scope, lambda tx: accounts.change_storefront(tx, changes={"is_open": False}))
        told = await who.get(page, 404)
        sent = [await who.client.post(f"{who.base}/link/{x}", data=fields, headers=HTML) for x in FORMS_OF_LINKS]
        stranger = await who.get("/link?token=made-up", 404)
        strange = await who.client.post(f"{who.base}/link/session", data={**fields, "token": "made-up"}, headers=HTML)
        await db.write(scope, lambda tx: accounts.change_storefront(tx, changes={"is_open": True}))
        assert "Full name" in await who.get(page)
        gone = await who.client.get("/s/none/link?token=made-up", headers=HTML)
    for answer in sent:
        assert (answer.status_code, "is closed at the moment" in answer.text) == (404, True), answer.text
    assert (strange.status_code, "is closed" in strange.text) == (404, False)
    assert "is closed at the moment" in told
    assert 'href="mailto:shop@example.com"' in told
    assert "is closed" not in stranger
    assert (gone.status_code, "is closed" in gone.text) == (404, False)
