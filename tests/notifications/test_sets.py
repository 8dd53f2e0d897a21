"""Sets of mails: as many statements for many as for one, and nobody's mail waits for another's."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from jiedan.accounts import queries as account_queries
from jiedan.accounts import service as accounts
from jiedan.accounts.values import ALL_PERMISSIONS, NewStaff
from jiedan.base.db import Database
from jiedan.base.recorder import StatementRecorder
from jiedan.customers import service as customers
from jiedan.customers.values import Browser
from jiedan.fulfillment import service as fulfillment
from jiedan.fulfillment.values import Ship
from jiedan.notifications import queries, rules, service
from jiedan.notifications.service import queueing, sending
from jiedan.notifications.tables import MailMessage
from jiedan.notifications.values import Button, NewMessage, RecipientKind
from jiedan.orders import service as orders
from jiedan.orders.values import CancelRequest
from tests.conftest import FakeClock
from tests.fulfillment.factories import Floor
from tests.notifications import factories, servers
from tests.notifications.factories import Post

STATEMENTS_PER_KIND_MAX = 20
"""What a set of one kind of mail takes, whatever its size: a hundred mails take two statements each ten at most."""


@pytest.fixture
async def post(db: Database) -> AsyncIterator[Post]:
    async with factories.opened(db) as opened:
        yield opened


async def told(post: Post, *, of: int) -> None:
    """Let so many customers be told of orders, parcels and cancellations, and as many of the staff be invited."""
    floor = Floor(post.db, post.scope, post.shop)
    for i in range(of):
        await post.place()
        shipped, canceled = [await post.place() for _ in range(2)]
        parcel_id = await floor.packed(shipped.order_id)
        await floor.one(fulfillment.ship_parcels, wishes=[Ship(parcel_id, "SF", f"SF{shipped.number}")])
        number = canceled.number
        async with post.db.begin(post.scope) as tx:
            await orders.cancel_orders(tx, requests=[CancelRequest(canceled.order_id, reason="mistake")])
            await orders.request_look_up(tx, number=number, contact=factories.CONTACT.email, network=f"203.0.113.{i}")
            await accounts.invite_staff(tx, staff=NewStaff(f"li{uuid4()}@example.com", "Li"), held=ALL_PERMISSIONS)
        await customers.request_link(
            post.db,
            tenant=post.at.tenant,
            email=f"mei{uuid4()}@example.com",
            wish="sign_in",
            locale="en",
            browser=Browser(f"203.0.113.{i}", "Firefox"),
        )
    await post.hear()


async def states(post: Post) -> list[tuple[str, str, int, str | None]]:
    return sorted({(x.kind, x.state, x.attempts, x.failure) for x in await post.messages()})


async def test_many_mails_take_as_many_statements_as_one_of_each_kind(post: Post, recorder: StatementRecorder) -> None:
    sent = []
    for of in (1, 2):
        await told(post, of=of)
        with recorder.watching() as statements:
            assert await service.send_due(post.db, post.at.tenant, post.office) == 8 * of
        sent.append(len(statements))
    assert sent[0] == sent[1]
    assert {(state, failure) for _, state, _, failure in await states(post)} == {
        ("dropped", "not_needed"),
        ("sent", None),
    }


async def test_a_set_of_confirmations_takes_few_statements(post: Post, recorder: StatementRecorder) -> None:
    for _ in range(3):
        await post.place()
    with recorder.watching() as statements:
        assert await service.send_due(post.db, post.at.tenant, post.office) == 3
    assert len(statements) <= STATEMENTS_PER_KIND_MAX


async def test_by_a_server_only_what_is_on_its_way_takes_statements_of_its_own(
    post: Post, recorder: StatementRecorder
) -> None:
    sent = []
    async with servers.mail_server() as server:
        post.office.smtp = server.client()
        for rounds in (1, 2, 3):
            for _ in range(rounds * sending.SENT_AT_ONCE_MAX):
                await post.place()
            with recorder.watching() as statements:
                await service.send_due(post.db, post.at.tenant, post.office)
            sent.append(len(statements))
    assert len(server.taken) == 6 * sending.SENT_AT_ONCE_MAX
    assert sent[2] - sent[1] == sent[1] - sent[0] <= 4
    assert await states(post) == [("order_placed", "sent", 1, None)]


async def queue(post: Post, kind: str, recipient_kind: RecipientKind, recipient_id: UUID) -> None:
    """Queue a mail on account of the event of another."""
    of = (await post.messages("order_placed"))[0]
    async with post.db.begin(post.scope) as tx:
        await queueing.queue(tx, [NewMessage(of.event_id, kind, recipient_kind, recipient_id)])


async def test_a_mail_that_says_nothing_or_cannot_be_written_holds_no_other_up(post: Post, clock: FakeClock) -> None:
    placed = await post.place()
    await queue(post, "shipped", "order", uuid4())  # to nobody
    await queue(post, "payment_received", "order", placed.order_id)  # an event that tells of no money
    await queue(post, "of_tomorrow", "order", placed.order_id)
    assert await post.send() == 4
    assert await states(post) == [
        ("of_tomorrow", "dropped", 1, "not_needed"),
        ("order_placed", "sent", 1, None),
        ("payment_received", "queued", 1, "not_written"),
        ("shipped", "dropped", 1, "no_address"),
    ]
    clock.advance(rules.backoff(1))
    assert await post.send() == 1
    assert ("payment_received", "queued", 2, "not_written") in await states(post)


@pytest.mark.parametrize("has_server", [False, True])
async def test_what_breaks_a_whole_set_is_put_off_alone(post: Post, has_server: bool) -> None:
    placed = [await post.place() for _ in range(5)]
    await queue(post, "shipped", "order", placed[2].order_id)  # an event that tells of no parcel
    async with servers.mail_server() as server:
        if has_server:
            post.office.smtp = server.client()
        assert await post.send() == 6
    assert await states(post) == [("order_placed", "sent", 1, None), ("shipped", "queued", 1, "not_written")]
    told = [await post.event_kinds(x.order_id) for x in placed]
    assert [kinds.count("notifications.order_mail_sent") for kinds in told] == [1] * 5
    assert len(server.taken) == (5 if has_server else 0)


async def test_what_one_sender_has_claimed_is_no_other_s_until_the_claim_ends(post: Post, clock: FakeClock) -> None:
    """As a worker that died before the first mail was begun leaves it."""
    for _ in range(3):
        await post.place()
    claimed = sa.update(MailMessage).where(MailMessage.tenant_id == post.at.tenant)
    async with post.db.begin(post.scope) as tx:
        await tx.execute(claimed.values(attempts=1, available_at=tx.now + rules.SENDING_MAX))
    async with servers.mail_server() as server:
        post.office.smtp = server.client()
        assert await post.send() == 0
        clock.advance(rules.SENDING_MAX - timedelta(seconds=1))
        assert await post.send() == 0
        clock.advance(timedelta(seconds=1))
        assert await post.send() == 3
    assert len(server.taken) == 3
    assert await states(post) == [("order_placed", "sent", 2, None)]


async def test_two_mails_about_one_link_in_a_set_carry_the_same(post: Post, clock: FakeClock) -> None:
    for _ in range(2):
        async with post.db.begin(post.scope) as tx:
            await accounts.reset_password(tx, staff_id=post.at.owner_id, held=ALL_PERMISSIONS)
        clock.advance(timedelta(seconds=1))
    await post.hear()
    await post.send()
    addresses = set()
    for message in await post.messages("password_reset"):
        async with post.db.read(post.scope) as tx:
            kept = await queries.kept(tx, message.message_id)
        blocks = post.office.opened(post.at.tenant, kept.message_id, kept.sealed).content.blocks
        addresses |= {block.address for block in blocks if isinstance(block, Button)}
    (address,) = addresses
    (token,) = re.findall(r"token=([\w-]+)", address)
    async with post.db.read(post.scope) as tx:
        link = await account_queries.link(tx, secret_hash=accounts.secret_hash(token))
    assert (link.staff_id, len(await post.messages("password_reset"))) == (post.at.owner_id, 2)
