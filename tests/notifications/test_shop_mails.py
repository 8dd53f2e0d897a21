"""Mails to customers of the shop: one-time links and codes, minted when they are written, kept nowhere else."""

from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa

from jiedan.accounts import service as accounts
from jiedan.base.db import Database
from jiedan.base.tables import EventLog
from jiedan.customers import service as customers
from jiedan.customers.values import Browser, Wish
from jiedan.notifications.values import Button, Code
from jiedan.orders import service as orders
from jiedan.orders.values import OrderId
from tests.customers import factories as people
from tests.notifications import factories

MEI = "mei@example.com"
FROM = Browser("203.0.113.7", "Firefox")


async def request(post: factories.Post, *, wish: Wish = "sign_in", locale: str = "en") -> None:
    """Ask for a link as the shop's pages do."""
    await customers.request_link(post.db, tenant=post.at.tenant, email=MEI, wish=wish, locale=locale, browser=FROM)
    await post.hear()
    await post.send()


async def opened(post: factories.Post) -> None:
    """Give somebody with the address an account."""
    (customer_id,) = await people.save(post.db, post.scope, [people.wang(email=MEI)])
    async with post.db.begin(post.scope) as tx:
        await customers.give_account(tx, customer_id=customer_id, email=MEI, password_hash=None)


@pytest.mark.parametrize(
    ("has_account", "wish", "kind"),
    [
        (False, "sign_in", "customer_registration"),
        (False, "password_reset", "customer_registration"),
        (True, "sign_in", "customer_sign_in"),
        (True, "password_reset", "customer_password_reset"),
    ],
)
async def test_a_link_is_mailed_to_the_address_and_stands_nowhere_else(
    has_account: bool, wish: Wish, kind: str, db: Database
) -> None:
    async with factories.opened(db) as post:
        if has_account:
            await opened(post)
        await request(post, wish=wish)
        kept = await post.kept(kind)
        (button,) = [x for x in kept.content.blocks if isinstance(x, Button)]
        (secret,) = parse_qs(urlsplit(button.address).query)["token"]
        async with db.read(post.scope) as tx:
            told = (await tx.execute(sa.select(EventLog.data).where(EventLog.tenant_id == post.at.tenant))).scalars()
            assert not any(secret in str(data) or MEI in str(data) for data in told)
    assert (kept.to_address, urlsplit(button.address).path) == (MEI, f"/s/{post.at.slug}/link")


async def test_links_lead_to_the_merchant_s_own_host_in_the_reader_s_language(db: Database) -> None:
    async with factories.opened(db, locales=("en", "zh_Hans")) as post:
        changes = {"is_open": True, "host": f"{post.at.slug}.example.com"}
        await db.write(post.scope, lambda tx: accounts.change_storefront(tx, changes=changes))
        await request(post, locale="zh_Hans")
        kept = await post.kept("customer_registration")
    (button,) = [x for x in kept.content.blocks if isinstance(x, Button)]
    assert button.address.startswith(f"https://{post.at.slug}.example.com/link?token=")
    assert kept.locale == "zh_Hans"


async def test_a_link_that_was_replaced_is_not_mailed(db: Database) -> None:
    async with factories.opened(db) as post:
        for _ in range(2):
            await customers.request_link(
                db, tenant=post.at.tenant, email=MEI, wish="sign_in", locale="en", browser=FROM
            )
            await post.hear()
        await post.send()
        messages = await post.messages("customer_registration")
    assert sorted((x.state, x.failure) for x in messages) == [("dropped", "no_address"), ("sent", None)]


async def test_a_code_and_no_other_way_is_mailed_to_whom_the_order_belongs(db: Database) -> None:
    async with factories.opened(db) as post:
        await db.write(post.scope, lambda tx: accounts.change_storefront(tx, changes={"is_open": True}))
        placed = await post.place()
        number = placed.number
        made = await db.write(
            post.scope,
            lambda tx: orders.request_look_up(tx, number=number, contact="li.lei@example.com", network="203.0.113.7"),
        )
        assert isinstance(made, orders.LookUp)
        await db.write(
            post.scope,
            lambda tx: orders.request_look_up(tx, number=number, contact="wei@example.com", network="203.0.113.7"),
        )
        await post.hear()
        await post.send()
        kept = await post.kept("look_up_code")
        (code,) = [x for x in kept.content.blocks if isinstance(x, Code)]
        secret = made.secret
        found = await db.write(post.scope, lambda tx: orders.open_order(tx, secret=secret, code=code.text))
    assert (kept.to_address, found) == ("li.lei@example.com", OrderId(placed.order_id))
    assert not any(isinstance(x, Button) for x in kept.content.blocks)
