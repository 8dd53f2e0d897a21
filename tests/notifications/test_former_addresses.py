"""What the address that an account had before is told: once, masked, in its owner's language, and nobody else."""

import re
from collections.abc import AsyncIterator

import pytest

from jiedan.accounts import queries as account_queries
from jiedan.accounts import service as accounts
from jiedan.accounts.errors import LinkNotValid
from jiedan.accounts.values import ALL_PERMISSIONS, NewStaff, StaffId
from jiedan.base.db import Database
from jiedan.customers import service as customers
from jiedan.customers.values import CustomerId, Holder, SessionId
from jiedan.notifications import queries, service
from jiedan.notifications.values import Button
from jiedan.privacy import run
from jiedan.privacy import service as privacy
from jiedan.privacy.values import TOLD_WITHIN, Status
from tests.accounts import factories as staff
from tests.conftest import FakeClock
from tests.customers import factories as people
from tests.notifications import factories, servers
from tests.notifications.factories import Post

BEFORE = "mei@example.com"
AFTER = "han.meimei@new.example.com"


@pytest.fixture
async def post(db: Database) -> AsyncIterator[Post]:
    async with factories.opened(db, locales=("en", "zh_Hant")) as opened:
        yield opened


async def moved(post: Post, *, to: str = AFTER) -> CustomerId:
    """Let a customer sign in by another address, as by the link that is mailed there."""
    (customer_id,) = await people.save(post.db, post.scope, [people.wang(email=BEFORE, locale="zh_Hant")])
    async with post.db.begin(post.scope) as tx:
        await customers.give_account(tx, customer_id=customer_id, email=BEFORE, password_hash=None)
        await customers.request_email_change(tx, account_id=customer_id, email=to, locale="en", network="203.0.113.7")
    await post.hear()
    await post.send()
    (token,) = set(re.findall(r"token=([\w-]+)", f"{(await post.kept('customer_email_change')).content}"))
    async with post.db.begin(post.scope) as tx:
        session_id = SessionId(tx.new_id())
        holder = Holder(session_id, customer_id, customer_id, "王敏", "zh_Hant", tx.now, tx.now)
        await customers.prove_email(tx, secret=token, holder=holder)
    await post.hear()
    return customer_id


async def change(post: Post, staff_id: StaffId, **changes: object) -> None:
    """Edit one of the staff, and let everybody hear of it."""
    async with post.db.begin(post.scope) as tx:
        await accounts.change_staff(tx, staff_id=staff_id, changes=changes, held=ALL_PERMISSIONS)
    await post.hear()


async def test_a_customer_who_signs_in_by_another_address_is_told_at_the_former_one(post: Post) -> None:
    await moved(post)
    message = await post.message("address_changed")
    assert (message.state, message.recipient_kind, message.recipient_id) == ("queued", "former", message.event_id)
    assert await post.send() == 1
    mail = await post.kept("address_changed")
    said = f"{mail.content}"
    assert (mail.to_name, mail.to_address, mail.locale) == ("王敏", BEFORE, "zh_Hant")
    assert "h***@new.example.com" in said
    assert AFTER not in said
    assert not [block for block in mail.content.blocks if isinstance(block, Button)]
    assert await post.event_kinds(message.event_id) == ["notifications.former_mail_sent"]


async def test_it_is_told_once(post: Post) -> None:
    await moved(post)
    message = await post.message("address_changed")
    async with post.db.begin(post.scope) as tx:
        event = await queries.event(tx, message.event_id)
        assert await service.queue_mails(tx, [event, event]) == 0
    assert await post.send() == 1
    async with post.db.begin(post.scope) as tx:
        assert await service.queue_mails(tx, [event]) == 0
    assert await post.send() == 0
    assert len(await post.messages("address_changed")) == 1


async def test_one_of_the_staff_is_told_in_a_language_that_customers_are_not_offered(post: Post, db: Database) -> None:
    li = await staff.person(db, post.at, "sales", email="li@example.com")
    await change(post, li, locale="zh_Hans")
    assert await post.messages("address_changed") == []
    await change(post, li, email="li.na@example.org")
    await post.send()
    mail = await post.kept("address_changed")
    assert (mail.to_address, mail.locale) == ("li@example.com", "zh_Hans")
    assert "l***@example.org" in f"{mail.content}"


async def test_other_capital_letters_are_no_other_address(post: Post, db: Database) -> None:
    li = await staff.person(db, post.at, "sales", email="li@example.com")
    await change(post, li, email="Li@example.com")
    await post.send()
    message = await post.message("address_changed")
    assert (message.state, message.failure) == ("dropped", "not_needed")


async def test_what_was_erased_is_told_to_nobody(post: Post, clock: FakeClock) -> None:
    customer_id = await moved(post)
    async with post.db.begin(post.scope) as tx:
        erasure = await privacy.begin_erasure(tx, customer_id=customer_id, confirmation="王敏")
    clock.advance(TOLD_WITHIN)
    done = await run.run(post.db, post.at.tenant, erasure.erasure_id)
    assert done.status == Status.done
    await post.send()
    message = await post.message("address_changed")
    assert (message.state, message.failure) == ("dropped", "no_address")


async def test_a_mail_that_the_former_address_refuses_is_told_to_staff(post: Post) -> None:
    await moved(post)
    message = await post.message("address_changed")
    async with servers.mail_server() as server:
        post.office.smtp = server.client()
        server.answers["RCPT"] = "550 nobody"
        await post.send()
    assert await post.event_kinds(message.event_id) == ["notifications.former_mail_failed"]
    async with post.db.read(post.scope) as tx:
        (notice,) = await queries.notices(tx, staff_id=post.at.owner_id, permissions=ALL_PERMISSIONS)
        names = await queries.names_of_recipients(tx, [message.recipient_id])
    assert (notice.kind, notice.data["mail"]) == ("mail_failed", "address_changed")
    assert names == {message.recipient_id: "王敏"}


async def test_a_link_ends_with_the_address_that_it_went_to(post: Post) -> None:
    async with post.db.begin(post.scope) as tx:
        shown = await accounts.invite_staff(tx, staff=NewStaff("l1@example.com", "Li Na"), held=ALL_PERMISSIONS)
    await change(post, shown.staff_id, name="Li Nana")
    async with post.db.read(post.scope) as tx:
        await account_queries.link(tx, secret_hash=accounts.secret_hash(shown.credential))
    await change(post, shown.staff_id, email="li@example.com")
    async with post.db.read(post.scope) as tx:
        with pytest.raises(LinkNotValid):
            await account_queries.link(tx, secret_hash=accounts.secret_hash(shown.credential))
