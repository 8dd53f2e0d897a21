"""What a mail server says, and what becomes of the mail: refused, lost, encrypted."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from jiedan.base.db import Database
from jiedan.notifications import errors, queries
from tests.notifications import factories, servers
from tests.notifications.factories import Post


@pytest.fixture
async def post(db: Database) -> AsyncIterator[Post]:
    async with factories.opened(db) as opened:
        yield opened


async def test_a_server_gets_the_mail_whole(post: Post) -> None:
    placed = await post.place(locale="zh_Hans")
    async with servers.mail_server() as server:
        post.office.smtp = server.client()
        await post.send()
    (taken,) = server.taken
    assert (taken.sender, taken.recipient) == (factories.SENDER, "li.lei@example.com")
    assert placed.number in str(taken.message["Subject"])
    assert placed.number in taken.part("plain")
    assert placed.number in taken.part("html")
    assert (await post.message("order_placed")).state == "sent"
    async with post.db.read(post.scope) as tx:
        with pytest.raises(errors.NotInMailbox):
            await queries.kept(tx, (await post.message("order_placed")).message_id)


@pytest.mark.parametrize(
    ("command", "answer", "state", "failure"),
    [
        ("CONNECT", "554 go away", "queued", "server_away"),
        ("MAIL", "550 not you", "failed", "sender_refused"),
        ("RCPT", "550 nobody", "failed", "recipient_refused"),
        ("RCPT", "451 later", "queued", "server_busy"),
        ("DATA", "452 full", "queued", "server_busy"),
        ("CONTENT", "554 spam", "failed", "content_refused"),
        ("CONTENT", "451 later", "queued", "server_busy"),
    ],
)
async def test_what_a_server_refuses_is_tried_later_or_given_up(
    post: Post, command: str, answer: str, state: str, failure: str
) -> None:
    placed = await post.place()
    async with servers.mail_server() as server:
        post.office.smtp = server.client()
        server.answers[command] = answer
        await post.send()
    assert server.taken == []
    message = await post.message("order_placed")
    assert (message.state, message.failure, message.attempts) == (state, failure, 1)
    told = await post.event_kinds(placed.order_id)
    assert ("notifications.order_mail_failed" in told) == (state == "failed")


@pytest.mark.parametrize("step", ["EHLO", "MAIL", "RCPT", "DATA"])
async def test_a_connection_lost_before_the_content_leaves_nothing_sent(post: Post, step: str) -> None:
    await post.place()
    async with servers.mail_server() as server:
        post.office.smtp = server.client()
        server.hangs_up_after = step
        await post.send()
        message = await post.message("order_placed")
        assert (message.state, message.failure) == ("queued", "server_away")


async def test_encrypted_as_the_settings_say(post: Post, tmp_path: Path) -> None:
    for_server, for_client = servers.certificates(tmp_path)
    for security, is_tls in (("starttls", False), ("tls", True)):
        await post.place()
        async with servers.mail_server(context=for_server, is_tls=is_tls) as server:
            post.office.smtp = server.client(security, trusted=for_client)
            await post.send()
        assert [(taken.was_encrypted, taken.username) for taken in server.taken] == [(True, servers.USERNAME)]


async def test_nothing_is_sent_in_the_clear_when_it_should_be_encrypted(post: Post, tmp_path: Path) -> None:
    await post.place()
    async with servers.mail_server() as server:
        post.office.smtp = server.client("starttls")
        await post.send()
    assert server.taken == []
    assert (await post.message("order_placed")).failure == "not_encrypted"
    for_server, _ = servers.certificates(tmp_path)
    await post.place()
    async with servers.mail_server(context=for_server) as stranger:
        post.office.smtp = stranger.client("starttls")  # whose certificate nobody vouches for
        await post.send()
    assert stranger.taken == []
