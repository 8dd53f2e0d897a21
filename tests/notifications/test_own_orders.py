"""The way back to an order in the mails about it, and the notice when its customer asks for something."""

from collections.abc import AsyncIterator

import pytest

from jiedan.accounts import service as accounts
from jiedan.accounts.values import ALL_PERMISSIONS
from jiedan.base.db import Database
from jiedan.notifications import queries
from jiedan.notifications.values import Button, Envelope
from jiedan.orders import service as orders
from jiedan.orders.rules import tickets
from jiedan.orders.values import CancelRequest, CustomerWish
from tests.base.web_client import SECRET
from tests.notifications import factories
from tests.notifications.factories import BASE_URL, Post


@pytest.fixture
async def post(db: Database) -> AsyncIterator[Post]:
    async with factories.opened(db) as opened:
        yield opened


def links(envelope: Envelope) -> list[str]:
    return [block.address for block in envelope.content.blocks if isinstance(block, Button)]


async def test_mails_about_an_order_lead_to_its_page(post: Post) -> None:
    await post.db.write(post.scope, lambda tx: accounts.change_storefront(tx, changes={"is_open": True}))
    placed = await post.place()
    await post.db.write(
        post.scope, lambda tx: orders.cancel_orders(tx, requests=[CancelRequest(placed.order_id, "mistake")])
    )
    await post.hear()
    await post.send()
    ticket = tickets.ticket_of(SECRET, post.at.tenant, placed.order_id)
    address = f"{BASE_URL}/s/{post.at.slug}/orders/{placed.order_id}?ticket={ticket}"
    assert links(await post.kept("canceled")) == [address]


async def test_the_way_back_is_at_the_merchants_host_and_nowhere_while_the_shop_is_closed(post: Post) -> None:
    closed = await post.place()
    await post.send()
    assert links(await post.kept("order_placed")) == []
    changes = {"is_open": True, "host": "own-orders.example.com"}
    await post.db.write(post.scope, lambda tx: accounts.change_storefront(tx, changes=changes))
    await post.db.write(
        post.scope, lambda tx: orders.cancel_orders(tx, requests=[CancelRequest(closed.order_id, "mistake")])
    )
    await post.hear()
    await post.send()
    (address,) = links(await post.kept("canceled"))
    assert address.startswith(f"https://own-orders.example.com/orders/{closed.order_id}?ticket=")


async def test_staff_are_told_what_a_customer_asks_for(post: Post) -> None:
    placed = await post.place()
    wish = CustomerWish(placed.order_id, "Ring twice.")
    case_id = await post.db.write(post.scope, lambda tx: orders.ask_about_order(tx, wish=wish))
    await post.hear()
    async with post.db.read(post.scope) as tx:
        (notice,) = await queries.notices(tx, staff_id=post.at.owner_id, permissions=ALL_PERMISSIONS)
        others = await queries.notices(tx, staff_id=post.at.owner_id, permissions={"orders:read"})
    assert (notice.kind, notice.subject_id, notice.data) == ("customer_asked", case_id, {"order": placed.number})
    assert others == []
