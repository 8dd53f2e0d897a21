"""Mails from the event to the mailbox or the server: once, in the right language, with what is true then."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from jiedan.accounts import queries as account_queries
from jiedan.accounts import service as accounts
from jiedan.accounts.values import ALL_PERMISSIONS, SELF, NewStaff
from jiedan.base.db import Database, Scope
from jiedan.base.errors import Refusal, Rejections, StaleVersion
from jiedan.base.ids import TenantId
from jiedan.base.sealing import SealBroken
from jiedan.fulfillment import service as fulfillment
from jiedan.fulfillment.values import Collection, Readiness, Ship
from jiedan.notifications import errors, queries, rules, service
from jiedan.notifications.mails import MAILS
from jiedan.notifications.service.notices import NOTICES_KEPT
from jiedan.notifications.values import Code, Envelope, Goods, Message
from jiedan.orders import service as orders
from jiedan.orders.events import OrderCommented
from jiedan.orders.values import CancelRequest, NewLine
from jiedan.payments import service as payments
from jiedan.payments.values import Confirmation, NewPayment
from jiedan.pricing import service as pricing
from jiedan.pricing.values import Formula, FormulaAttribute, FormulaText, Words
from tests.accounts import factories as people
from tests.conftest import FakeClock
from tests.fulfillment.factories import Floor
from tests.notifications import factories, servers
from tests.notifications.factories import Post
from tests.orders import factories as of_orders


@pytest.fixture
async def post(db: Database) -> AsyncIterator[Post]:
    async with factories.opened(db) as opened:
        yield opened


def said(envelope: Envelope) -> str:
    """Return everything that a mail says, as text."""
    return f"{envelope.content}"


async def test_an_order_is_confirmed_once_to_its_contact(post: Post) -> None:
    placed = await post.place()
    message = await post.message("order_placed")
    assert (message.state, message.recipient_kind, message.recipient_id) == ("queued", "order", placed.order_id)
    assert await post.send() == 1
    envelope = await post.kept("order_placed")
    assert (envelope.to_name, envelope.to_address) == ("李雷", "li.lei@example.com")
    assert (envelope.from_name, envelope.from_address) == ("Acme Tea", factories.SENDER)
    assert placed.number in envelope.content.subject
    (goods,) = [block for block in envelope.content.blocks if isinstance(block, Goods)]
    assert goods.lines == (("Product TEA", "2", "CN¥20.00"),)
    assert [amount for _, amount in goods.sums] == ["CN¥20.00"]
    sent = await post.message("order_placed")
    assert (sent.state, sent.attempts, sent.failure) == ("sent", 1, None)
    assert (await post.event_kinds(placed.order_id)).count("notifications.order_mail_sent") == 1
    assert await post.send() == 0


@pytest.mark.parametrize(
    ("locale", "told", "amount"),
    [("en", "Width 2400 mm · For “<Anna>”", "CN¥7.00"), ("zh_Hant", "寬度 2400 mm · For “<Anna>”", "CN¥7.00")],
)
async def test_a_piece_made_to_measure_is_told_with_its_measures(
    post: Post, locale: str, told: str, amount: str
) -> None:
    words = Words(zh_hant="寬度")
    width = FormulaAttribute("width", "Width", "mm", minimum=Decimal(1), maximum=Decimal(3_000), labels=words)
    async with post.db.begin(post.scope) as tx:
        whom = FormulaAttribute("whom", "For", text=FormulaText())
        cut = Formula("cut", "7", "CNY", (width, whom), goods=("sku:TEA",))
        await pricing.create_rule(tx, kind="formula", body=cut)
        await pricing.publish(tx)
    line = NewLine(sku="TEA", quantity=1, attributes={"width": "2.4 m", "whom": "<Anna>"})
    wanted = of_orders.order(line, contact=factories.CONTACT, payment_terms="on_account", locale=locale)
    await of_orders.place_one(post.db, post.scope, wanted)
    await post.hear()
    assert await post.send() == 1
    (goods,) = [x for x in (await post.kept("order_placed")).content.blocks if isinstance(x, Goods)]
    assert goods.lines == ((f"Product TEA · {told}", "1", amount),)


async def test_a_fee_is_called_by_its_name_and_stands_above_the_total(post: Post) -> None:
    await post.place(shipping_minor=1_200, locale="zh_Hans")
    assert await post.send() == 1
    (goods,) = [x for x in (await post.kept("order_placed")).content.blocks if isinstance(x, Goods)]
    assert [name for name, _, _ in goods.lines] == ["Product TEA"]
    assert goods.sums[:-1] == (("运费", "¥12.00"),)


async def test_an_event_that_is_handed_out_again_queues_nothing_new(post: Post) -> None:
    await post.place()
    message = await post.message("order_placed")
    async with post.db.begin(post.scope) as tx:
        event = await queries.event(tx, message.event_id)
        assert await service.queue_mails(tx, [event, event]) == 0
    await post.send()
    async with post.db.begin(post.scope) as tx:
        assert await service.queue_mails(tx, [event]) == 0
    assert len(await post.messages("order_placed")) == 1


async def test_who_has_no_address_gets_no_mail(post: Post) -> None:
    await post.place(contact=msgspec.structs.replace(factories.CONTACT, email=""))
    assert await post.messages("order_placed") == []


async def test_the_mail_is_in_the_orders_language(post: Post) -> None:
    await post.place(locale="zh_Hant")
    await post.send()
    envelope = await post.kept("order_placed")
    assert envelope.locale == "zh_Hant"


async def test_what_the_merchant_switched_off_is_not_sent(post: Post) -> None:
    placed = await post.place()
    async with post.db.begin(post.scope) as tx:
        await service.change_settings(tx, changes={"silenced": ("order_placed",)})
    await post.send()
    message = await post.message("order_placed")
    assert (message.state, message.failure) == ("dropped", "switched_off")
    assert "notifications.order_mail_sent" not in await post.event_kinds(placed.order_id)
    await post.place()
    assert len(await post.messages("order_placed")) == 1


async def test_money_shipping_cancellation_and_refund_are_told(post: Post) -> None:
    placed = await post.place(payment_terms="prepaid")
    async with post.db.begin(post.scope) as tx:
        (paid,) = await payments.create_payments(tx, wishes=[NewPayment(placed.order_id, "transfer", "bank_transfer")])
        assert not isinstance(paid, Refusal)
        await payments.confirm_transfers(tx, confirmations=[Confirmation(paid.payment_id)])
    await post.hear()
    await post.send()
    assert "CN¥20.00" in said(await post.kept("payment_received"))
    floor = Floor(post.db, post.scope, post.shop)
    parcel_id = await floor.packed(placed.order_id)
    await floor.one(fulfillment.ship_parcels, wishes=[Ship(parcel_id, "SF", "SF123")])
    await post.hear()
    await post.send()
    assert "SF123" in said(await post.kept("shipped"))


async def test_a_canceled_order_is_told_as_canceled_and_not_as_placed(post: Post) -> None:
    placed = await post.place()
    async with post.db.begin(post.scope) as tx:
        await orders.cancel_orders(tx, requests=[CancelRequest(placed.order_id, reason="customer_request")])
    await post.hear()
    await post.send()
    assert (await post.message("order_placed")).state == "dropped"
    assert "canceled" in (await post.kept("canceled")).content.subject


async def test_the_code_in_the_mail_opens_the_door_and_so_does_the_one_that_was_shown(post: Post) -> None:
    for uses_the_mailed in (True, False):
        placed = await post.place()
        floor = Floor(post.db, post.scope, post.shop)
        await floor.packed(placed.order_id)
        fulfillment_id = (await floor.only(placed.order_id)).fulfillment_id
        shown = await floor.one(fulfillment.make_ready, wishes=[Readiness(fulfillment_id)])
        await post.hear()
        await post.send()
        mailed = [await code_of(post, m) for m in await post.messages("ready_to_collect")][-1]
        assert mailed != shown.code
        assert await floor.refused(
            fulfillment.collect_fulfillments, wishes=[Collection(fulfillment_id, "WRONG1")]
        ) == "code_wrong"  # fmt: skip
        code = mailed if uses_the_mailed else shown.code
        await floor.one(fulfillment.collect_fulfillments, wishes=[Collection(fulfillment_id, code)])


async def code_of(post: Post, message: Message) -> str:
    async with post.db.read(post.scope) as tx:
        kept = await queries.kept(tx, message.message_id)
    envelope = post.office.opened(post.at.tenant, kept.message_id, kept.sealed)
    (code,) = [block.text for block in envelope.content.blocks if isinstance(block, Code)]
    return code


async def test_an_invitation_is_mailed_with_a_link_of_its_own(post: Post) -> None:
    async with post.db.begin(post.scope) as tx:
        shown = await accounts.invite_staff(
            tx, staff=NewStaff("li@example.com", "Li Na", "sales", "zh_Hans"), held=ALL_PERMISSIONS
        )
    await post.hear()
    await post.send()
    envelope = await post.kept("invitation")
    assert (envelope.to_address, envelope.locale) == ("li@example.com", "zh_Hans")
    mailed = token_in(envelope)
    assert mailed != shown.credential
    async with post.db.read(post.scope) as tx:
        for secret in (mailed, shown.credential):
            link = await account_queries.link(tx, secret_hash=accounts.secret_hash(secret))
            assert (link.staff_id, link.purpose) == (shown.staff_id, "invitation")
    passwords = accounts.Passwords(people.CountingHasher())
    await people.accept(post.db, passwords, post.at, mailed)
    with pytest.raises(Refusal, match="not valid"):
        await people.accept(post.db, passwords, post.at, shown.credential)
    passwords.close()


async def test_an_invitation_that_was_taken_back_is_not_mailed(post: Post) -> None:
    async with post.db.begin(post.scope) as tx:
        shown = await accounts.invite_staff(tx, staff=NewStaff("li@example.com", "Li Na"), held=ALL_PERMISSIONS)
    await post.hear()
    async with post.db.begin(post.scope) as tx:
        await accounts.revoke_invitation(tx, staff_id=shown.staff_id, held=ALL_PERMISSIONS)
    await post.send()
    assert (await post.message("invitation")).state == "dropped"


async def test_a_mail_that_is_written_again_ends_the_link_of_the_one_before(post: Post) -> None:
    async with post.db.begin(post.scope) as tx:
        await accounts.reset_password(tx, staff_id=post.at.owner_id, held=ALL_PERMISSIONS)
    await post.hear()
    tokens = []
    async with servers.mail_server() as server:
        office = with_server(post, server)
        server.hangs_up_after = "CONTENT"
        await service.send_due(post.db, post.at.tenant, office)
        message = await post.message("password_reset")
        assert (message.state, message.failure) == ("unknown", "outcome_unknown")
        server.hangs_up_after = None
        async with post.db.begin(post.scope) as tx:
            await service.requeue_messages(tx, message_ids=[message.message_id])
        await service.send_due(post.db, post.at.tenant, office)
        tokens = [re.findall(r"token=([\w-]+)", taken.part("plain"))[0] for taken in server.taken]
    assert len(tokens) == 1
    async with post.db.read(post.scope) as tx:
        link = await account_queries.link(tx, secret_hash=accounts.secret_hash(tokens[0]))
    assert link.purpose == "password_reset"


def token_in(envelope: Envelope) -> str:
    found: set[str] = set(re.findall(r"token=([\w-]+)", said(envelope)))
    (token,) = found
    return token


def with_server(post: Post, server: servers.MailServer) -> Any:
    """Return the post office with a server instead of the mailbox."""
    post.office.smtp = server.client()
    return post.office


async def test_secrets_stand_in_nothing_that_is_stored(post: Post, owner: Any) -> None:
    async with post.db.begin(post.scope) as tx:
        await accounts.invite_staff(tx, staff=NewStaff("li@example.com", "Li Na"), held=ALL_PERMISSIONS)
    await post.hear()
    await post.send()
    token = token_in(await post.kept("invitation"))
    for table in ("mail_message", "mailbox_mail", "event_log", "event_private", "staff_link"):
        rows = owner.execute(f"SELECT t::text FROM {table} t WHERE tenant_id = %s", [post.at.tenant]).fetchall()  # noqa: S608 - names from the line above
        assert not [row for row in rows if token in row[0] or token.encode().hex() in row[0]], table


async def test_a_mail_moved_to_another_row_does_not_open(post: Post) -> None:
    await post.place()
    await post.send()
    message = await post.message("order_placed")
    async with post.db.read(post.scope) as tx:
        kept = await queries.kept(tx, message.message_id)
    with pytest.raises(SealBroken):
        post.office.opened(post.at.tenant, uuid4(), kept.sealed)


async def test_an_answer_that_was_lost_is_repeated_by_people_only(post: Post, clock: FakeClock) -> None:
    placed = await post.place()
    async with servers.mail_server() as server:
        with_server(post, server)
        server.hangs_up_after = "CONTENT"
        await post.send()
        message = await post.message("order_placed")
        assert (message.state, message.failure) == ("unknown", "outcome_unknown")
        server.hangs_up_after = None
        clock.advance(timedelta(days=2))
        assert await post.send() == 0
        async with post.db.begin(post.scope) as tx:
            (done,) = await service.requeue_messages(tx, message_ids=[message.message_id])
        assert done == message.message_id
        assert await post.send() == 1
    assert len(server.taken) == 1
    assert (await post.message("order_placed")).state == "sent"
    told = await post.event_kinds(placed.order_id)
    assert told.count("notifications.order_mail_failed") == 1
    assert told.count("notifications.order_mail_sent") == 1


async def test_a_server_that_is_away_is_asked_again_until_patience_ends(post: Post, clock: FakeClock) -> None:
    await post.place()
    async with servers.mail_server() as server:
        with_server(post, server)
        server.answers["CONNECT"] = "421 not now"
        for attempts in range(1, rules.ATTEMPTS_MAX + 1):
            assert await post.send() == 1
            assert await post.send() == 0
            assert (await post.message("order_placed")).attempts == attempts
            clock.advance(rules.BACKOFF_MAX)
    assert (await post.message("order_placed")).state == "failed"
    async with post.db.read(post.scope) as tx:
        found = await queries.notices(tx, staff_id=post.at.owner_id, permissions=ALL_PERMISSIONS)
    assert [(notice.kind, notice.data["mail"]) for notice in found] == [("mail_failed", "order_placed")]


async def test_old_notices_are_taken_down_and_newer_ones_stay(
    post: Post, clock: FakeClock, db: Database, other_tenant: TenantId
) -> None:
    called = await people.person(db, post.at, "sales")
    placed = await post.place()

    async def call() -> None:
        async with db.begin(post.scope) as tx:
            tx.emit(OrderCommented(order_id=placed.order_id, comment_id=tx.new_id(), mentioned=(called,)))
        await post.hear()

    async def taken_down(scope: Scope) -> int:
        return await db.write(scope, service.take_down_notices)

    for _ in range(2):
        await call()
    clock.advance(NOTICES_KEPT / 2)
    await call()
    assert await taken_down(post.scope) == 0
    clock.advance(NOTICES_KEPT / 2)
    assert await taken_down(Scope(other_tenant)) == 0
    assert await taken_down(post.scope) == 2
    async with db.read(post.scope) as tx:
        (left,) = await queries.notices(tx, staff_id=called, permissions={SELF})
        assert await queries.unread(tx, staff_id=called, permissions={SELF}) == 1
    assert left.created_at > clock.now() - NOTICES_KEPT
    assert await taken_down(post.scope) == 0


async def test_a_sender_that_died_leaves_an_unknown_outcome_and_one_that_did_not_begin_leaves_it_due(
    post: Post, clock: FakeClock, owner: Any
) -> None:
    await post.place()
    message = await post.message("order_placed")
    owner.execute(
        "UPDATE mail_message SET state = 'sending', attempts = 1, available_at = %s WHERE message_id = %s",
        [clock.now() + rules.SENDING_MAX, message.message_id],
    )
    assert await post.send() == 0
    async with post.db.begin(post.scope) as tx:
        assert await service.lose_forgotten(tx) == 0
    clock.advance(rules.SENDING_MAX)
    async with post.db.begin(post.scope) as tx:
        assert await service.lose_forgotten(tx) == 1
        assert await service.lose_forgotten(tx) == 0
    assert (await post.message("order_placed")).state == "unknown"
    owner.execute(
        "UPDATE mail_message SET state = 'queued', failure = NULL, settled_at = NULL, available_at = %s"
        " WHERE message_id = %s",
        [clock.now() + rules.SENDING_MAX, message.message_id],
    )
    assert await post.send() == 0
    clock.advance(rules.SENDING_MAX)
    assert await post.send() == 1


async def test_what_nobody_was_there_to_send_for_days_is_dropped_until_somebody_wants_it(
    post: Post, clock: FakeClock
) -> None:
    await post.place()
    clock.advance(rules.WAITING_MAX)
    assert await post.send() == 0
    message = await post.message("order_placed")
    assert (message.state, message.failure) == ("dropped", "too_late")
    async with post.db.begin(post.scope) as tx:
        await service.requeue_messages(tx, message_ids=[message.message_id])
    assert await post.send() == 1
    assert (await post.message("order_placed")).state == "sent"


async def test_two_senders_at_once_send_each_mail_once(post: Post) -> None:
    for _ in range(6):
        await post.place()
    async with servers.mail_server() as server:
        office = with_server(post, server)
        tried = await asyncio.gather(*(service.send_due(post.db, post.at.tenant, office) for _ in range(3)))
    assert sum(tried) == len(server.taken) == 6
    assert len({str(taken.message["Message-ID"]) for taken in server.taken}) == 6


async def test_settings_are_versioned_and_checked(post: Post) -> None:
    async with post.db.begin(post.scope) as tx:
        changed = await service.change_settings(tx, changes={"reply_to": "orders@tea.example"}, expected_version=1)
        assert (changed.version, changed.reply_to) == (2, "orders@tea.example")
        assert (await service.change_settings(tx, changes={"reply_to": "orders@tea.example"})).version == 2
    async with post.db.begin(post.scope) as tx:
        with pytest.raises(StaleVersion):
            await service.change_settings(tx, changes={"silenced": ()}, expected_version=1)
        with pytest.raises(Rejections):
            await service.change_settings(tx, changes={"from_address": "no", "silenced": ("invitation",)})
    await post.place()
    await post.send()
    assert (await post.kept("order_placed")).reply_to == "orders@tea.example"


async def test_the_mailbox_is_emptied_after_some_days(post: Post, clock: FakeClock) -> None:
    await post.place()
    await post.send()
    async with post.db.begin(post.scope) as tx:
        assert await service.empty_mailbox(tx) == 0
    clock.advance(timedelta(days=8))
    async with post.db.begin(post.scope) as tx:
        assert await service.empty_mailbox(tx) == 1
        assert await service.empty_mailbox(tx) == 0
    assert (await post.message("order_placed")).state == "sent"


async def test_what_is_sent_or_unknown_to_us_is_not_sent_again(post: Post) -> None:
    await post.place()
    await post.send()
    sent = (await post.message("order_placed")).message_id
    async with post.db.begin(post.scope) as tx:
        not_stuck, unknown = await service.requeue_messages(tx, message_ids=[sent, uuid4()])
    assert isinstance(not_stuck, errors.MessageNotStuck)
    assert isinstance(unknown, errors.MessageNotFound)


async def test_another_merchants_mails_are_out_of_reach(post: Post, db: Database) -> None:
    await post.place()
    message = await post.message("order_placed")
    other = await people.opened(db)
    async with db.begin(other.scope) as tx:
        with pytest.raises(errors.MessageNotFound):
            await queries.message(tx, message.message_id)
        (refused,) = await service.requeue_messages(tx, message_ids=[message.message_id])
    assert isinstance(refused, errors.MessageNotFound)
    assert await service.send_due(db, other.tenant, post.office) == 0
    assert (await post.message("order_placed")).state == "queued"


async def test_somebody_who_forgot_the_password_gets_a_link_and_others_nothing(post: Post, db: Database) -> None:
    await people.person(db, post.at, "support", email="new@example.com", has_joined=False)
    for email in (post.at.owner_email, "nobody@example.com", "new@example.com"):
        await accounts.request_reset(db, tenant=post.at.tenant, email=email, visitor=people.VISITOR)
    await accounts.request_reset(db, tenant=None, email=post.at.owner_email, visitor=people.VISITOR)
    await post.hear()
    await post.send()
    envelope = await post.kept("password_reset")
    assert envelope.to_address == post.at.owner_email
    passwords = accounts.Passwords(people.CountingHasher())
    before = await people.sign_in(db, passwords, post.at)
    signed_in = await people.accept(db, passwords, post.at, token_in(envelope), password="nine loud kettles sing")
    async with db.read(post.scope) as tx:
        sessions = await account_queries.sessions(tx, staff_id=post.at.owner_id)
    assert [x.session_id for x in sessions] == [signed_in.session_id] != [before.session_id]
    with pytest.raises(Refusal, match="not valid"):
        await people.accept(db, passwords, post.at, token_in(envelope), password="ten loud kettles sing")
    passwords.close()


async def test_requests_for_links_are_limited_alike_for_known_and_unknown(post: Post, db: Database) -> None:
    for email in (post.at.owner_email, "nobody@example.com"):
        codes = []
        for _ in range(5):
            try:
                await accounts.request_reset(db, tenant=post.at.tenant, email=email, visitor=people.VISITOR)
                codes.append("")
            except Refusal as refusal:
                codes.append(refusal.code)
        assert codes == ["", "", "", "resets_throttled", "resets_throttled"]


async def test_every_mail_is_told_apart_by_its_kind() -> None:
    assert all(kind == mail.kind for kind, mail in MAILS.items())
