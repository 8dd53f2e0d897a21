"""What an order keeps of the terms of sale that its customer agreed to."""

import hashlib
from pathlib import Path

from jiedan.accounts import service as accounts
from jiedan.base.db import Database, Scope
from jiedan.orders import queries as orders
from jiedan.orders.rules import tickets
from tests.base.web_client import SECRET
from tests.portal.factories import open_shop, visiting

TERMS = "Be kind. 请善待。"


async def test_an_order_keeps_which_terms_were_agreed_to_and_its_page_does_not_show_it(
    db: Database, scope: Scope, tmp_path: Path
) -> None:
    await open_shop(db, scope, front={"terms": TERMS, "pays_on_delivery": True})
    async with visiting(db, scope, tmp_path) as who:
        await who.put_in("cup", "CUP")
        answer = await who.check_out(agree="1", payment="on_delivery")
        placed = await who.follow(answer)
    order_id = tickets.order_of(SECRET, scope.tenant, answer.headers["location"].rpartition("/")[2])
    assert order_id is not None
    async with db.read(scope) as tx:
        found = await orders.order(tx, order_id)
        (note,) = (await orders.details(tx, [order_id]))[found.order.order_id].notes
    digest = hashlib.sha256(TERMS.encode()).hexdigest()[:12]
    assert note.kind == "record"
    assert digest in note.text
    assert digest not in placed


async def test_who_read_other_terms_is_asked_to_agree_anew(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope, front={"terms": TERMS, "pays_on_delivery": True})
    async with visiting(db, scope, tmp_path) as who:
        await who.put_in("cup", "CUP")
        shown = await who.get("/checkout")
        digest = hashlib.sha256(TERMS.encode()).hexdigest()[:12]
        assert f'name="terms" value="{digest}"' in shown
        changes = {"terms": "Be kind, and pay twice."}
        await db.write(scope, lambda tx: accounts.change_storefront(tx, changes=changes))
        refused = await who.check_out(agree="1", payment="on_delivery", terms=digest)
        assert (refused.status_code, "The terms of sale have changed meanwhile." in refused.text) == (409, True)
        assert 'name="agree" value="1" checked' not in refused.text
        assert f'name="terms" value="{digest}"' not in refused.text
        assert (await who.check_out(agree="1", payment="on_delivery")).status_code == 303
