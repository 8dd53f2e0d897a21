"""The pages of mails and notices: what they show, what their forms do, and who may see them."""

import contextlib
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from jiedan.accounts import service as accounts
from jiedan.accounts.values import ALL_PERMISSIONS, SELF, NewStaff
from jiedan.base import dead_letters
from jiedan.base.db import Database
from jiedan.base.recorder import StatementRecorder
from jiedan.base.web import waiting
from jiedan.cases import service as cases
from jiedan.cases.values import NewCase
from jiedan.inventory import events as inventory
from jiedan.notifications import queries, service
from jiedan.notifications.notices import NOTICES
from jiedan.orders import events as orders
from jiedan.orders import queries as order_queries
from jiedan.orders import service as order_service
from jiedan.orders.values import Assignment
from tests.accounts import factories as people
from tests.api import worlds
from tests.base import web_client
from tests.notifications import factories, servers
from tests.notifications.factories import Post

HTML = {"accept": "text/html"}
STATEMENTS_MAX = 5


@pytest.fixture
async def post(db: Database) -> AsyncIterator[Post]:
    async with factories.opened(db) as opened:
        yield opened


@contextlib.asynccontextmanager
async def signed_in(post: Post, home: Any, email: str = "") -> AsyncIterator[web_client.Client]:
    """Open the whole application for somebody of the merchant's, the owner if nobody is named."""
    async with worlds.open_api(post.db, home) as client:
        await people.enter(client, post.at, email)
        yield client


async def page(post: Post, client: web_client.Client, path: str, status: int = 200) -> str:
    answer = await client.get(f"/c/{post.at.slug}{path}", headers=HTML)
    assert answer.status_code == status, answer.text
    return answer.text


async def submit(
    post: Post, client: web_client.Client, path: str, fields: dict[str, Any], *, on: str
) -> httpx2.Response:
    return await client.submit(f"/c/{post.at.slug}{path}", fields, page=f"/c/{post.at.slug}{on}")


async def test_the_mailbox_shows_what_would_have_been_sent(post: Post, tmp_path: Any) -> None:
    placed = await post.place(locale="zh_Hans")
    await post.send()
    message = await post.message("order_placed")
    async with signed_in(post, tmp_path) as client:
        listed = await page(post, client, "/mail/mailbox")
        assert placed.number in listed
        assert "li.lei@example.com" in listed
        shown = await page(post, client, f"/mail/mailbox/{message.message_id}")
        assert 'lang="zh-Hans"' in shown
        assert "李雷" in shown
        assert "Product TEA" in shown
        source = await client.get(f"/c/{post.at.slug}/mail/mailbox/{message.message_id}/source", headers=HTML)
    assert source.headers["content-type"] == "message/rfc822"
    assert source.headers["content-disposition"] == 'attachment; filename="order_placed.eml"'
    assert b"Message-ID" in source.content


async def test_only_who_may_read_the_mailbox_sees_the_links_in_it(post: Post, tmp_path: Any) -> None:
    await people.person(post.db, post.at, "manager")
    async with post.db.begin(post.scope) as tx:
        await accounts.invite_staff(tx, staff=NewStaff("li@example.com", "Li Na"), held=ALL_PERMISSIONS)
    await post.hear()
    await post.send()
    message = (await post.messages("invitation"))[-1]
    async with signed_in(post, tmp_path, f"manager@{post.at.slug}.example") as client:
        listed = await page(post, client, "/mail")
        assert "/mail/mailbox" not in listed
        for path in ("/mail/mailbox", f"/mail/mailbox/{message.message_id}"):
            await page(post, client, path, 403)
        answer = await client.get(f"/c/{post.at.slug}/mail/mailbox/{message.message_id}/source", headers=HTML)
        assert answer.status_code == 403


async def test_mails_that_were_not_sent_are_sent_again(post: Post, tmp_path: Any) -> None:
    placed = await post.place()
    async with servers.mail_server() as server:
        post.office.smtp = server.client()
        server.answers["RCPT"] = "550 nobody"
        await post.send()
    message = await post.message("order_placed")
    async with signed_in(post, tmp_path) as client:
        listed = await page(post, client, "/mail?state=failed")
        assert placed.number in listed
        assert "the mail server refused the recipient" in listed
        assert placed.number not in await page(post, client, "/mail?state=sent")
        done = await submit(post, client, "/mail/requeue", {"message_id": str(message.message_id)}, on="/mail")
        assert done.status_code == 303
        assert (await post.message("order_placed")).state == "queued"
        again = await submit(
            post, client, "/mail/requeue", {"message_id": str(message.message_id)}, on="/settings/mail"
        )
        assert again.status_code == 409
        assert "only one that was not sent" in again.text


async def test_mails_about_one_order_are_listed_alone(post: Post, tmp_path: Any) -> None:
    first, second = await post.place(), await post.place()
    async with signed_in(post, tmp_path) as client:
        listed = await page(post, client, f"/mail?about={first.order_id}")
        assert first.number in listed
        assert second.number not in listed
        assert first.number not in await page(post, client, "/mail?about=nonsense")


async def test_the_lists_cost_the_same_however_long_they_are(
    post: Post, tmp_path: Any, recorder: StatementRecorder
) -> None:
    sent = {}
    async with signed_in(post, tmp_path) as client:
        for number in (1, 4):
            while len(await post.messages("order_placed")) < number:
                await post.place()
            await post.send()
            for path in ("/mail", "/mail/mailbox", "/notices"):
                with recorder.watching() as statements:
                    await page(post, client, path)
                sent[path, number] = len(statements)
    assert all(sent[path, 4] <= sent[path, 1] <= STATEMENTS_MAX for path, _ in sent), sent


async def test_what_is_sent_is_chosen_and_a_wrong_address_is_refused(post: Post, tmp_path: Any) -> None:
    async with signed_in(post, tmp_path) as client:
        shown = await page(post, client, "/settings/mail")
        assert len(re.findall(r'name="sent"[^>]* checked', shown)) == 6
        wrong = {"version": "1", "from_address": "no address", "sent": ["order_placed"]}
        refused = await submit(post, client, "/settings/mail", wrong, on="/settings/mail")
        assert refused.status_code == 422
        assert "is not an e-mail address" in refused.text
        assert len(re.findall(r'name="sent"[^>]* checked', refused.text)) == 1
        right = {"version": "1", "reply_to": "orders@tea.example", "sent": ["order_placed"]}
        assert (await submit(post, client, "/settings/mail", right, on="/settings/mail")).status_code == 303
        stale = await submit(post, client, "/settings/mail", right, on="/settings/mail")
        assert stale.status_code == 409
    async with post.db.read(post.scope) as tx:
        chosen = await tx.load_one(queries.settings())
    assert (chosen.reply_to, chosen.version) == ("orders@tea.example", 2)
    assert chosen.silenced == ("canceled", "payment_received", "ready_to_collect", "refunded", "shipped")


async def test_a_test_mail_comes_to_who_asks(post: Post, tmp_path: Any) -> None:
    async with signed_in(post, tmp_path) as client:
        assert (await submit(post, client, "/settings/mail/test", {}, on="/settings/mail")).status_code == 303
    await post.hear()
    await post.send()
    assert (await post.kept("trial")).to_address == post.at.owner_email


async def test_notices_are_counted_opened_and_read(post: Post, tmp_path: Any) -> None:
    async with post.db.begin(post.scope) as tx:
        wanted = [NewCase(kind, "order", tx.new_id(), {}) for kind in ("overpaid", "refund_due", "delivery_failed")]
        case_ids = await cases.open_cases(tx, cases=wanted)
    await post.hear()
    async with signed_in(post, tmp_path) as client:
        shown = await page(post, client, "/notices")
        assert shown.count('class="new"') == 2
        assert "Paid too much" in shown
        numbers = (await client.get(f"/c/{post.at.slug}/waiting", headers={"accept": "application/json"})).json()
        assert numbers[waiting.NOTICES] == 2
        notice = re.findall(r"/notices/([0-9a-f-]{36})/open", shown)[-1]
        opened = await submit(post, client, f"/notices/{notice}/open", {}, on="/notices")
        assert opened.headers["location"] == f"/c/{post.at.slug}/cases/{case_ids[0]}"
        assert (await page(post, client, "/notices")).count('class="new"') == 1
        numbers = (await client.get(f"/c/{post.at.slug}/waiting", headers={"accept": "application/json"})).json()
        assert numbers[waiting.NOTICES] == 1
        assert (await submit(post, client, "/notices/read", {}, on="/notices")).status_code == 303
        assert 'class="new"' not in await page(post, client, "/notices")
        gone = await submit(post, client, f"/notices/{case_ids[0]}/open", {}, on="/notices")
        assert gone.headers["location"] == f"/c/{post.at.slug}/notices"


async def test_a_person_sees_what_they_may_and_nothing_else(post: Post, tmp_path: Any) -> None:
    await people.person(post.db, post.at, "read_only")
    async with post.db.begin(post.scope) as tx:
        role = await accounts.create_role(
            tx, code="packer", name="Packer", permissions=["fulfillment:read"], held=ALL_PERMISSIONS
        )
        await cases.open_cases(tx, cases=[NewCase("overpaid", "order", tx.new_id(), {})])
    assert role is not None
    await people.person(post.db, post.at, "packer")
    await post.hear()
    async with signed_in(post, tmp_path, f"packer@{post.at.slug}.example") as client:
        assert "Nothing to report." in await page(post, client, "/notices")
        await page(post, client, "/mail", 403)
        await page(post, client, "/settings/mail", 403)
    async with signed_in(post, tmp_path, f"read_only@{post.at.slug}.example") as client:
        assert "Paid too much" in await page(post, client, "/notices")
        assert "Send a test mail" not in await page(post, client, "/settings/mail")
        refused = await submit(post, client, "/settings/mail/test", {}, on="/notices")
        assert refused.status_code == 403


async def test_notices_come_as_mail_to_those_who_want_them(post: Post, tmp_path: Any) -> None:
    async with signed_in(post, tmp_path) as client:
        chosen = {"kinds": ["money_case", "mail_failed"]}
        assert (await submit(post, client, "/notices/mails", chosen, on="/notices")).status_code == 303
        shown = await page(post, client, "/notices")
    assert re.findall(r'value="(\w+)" checked', shown) == ["money_case", "mail_failed"]
    async with post.db.begin(post.scope) as tx:
        (case_id,) = await cases.open_cases(tx, cases=[NewCase("overpaid", "order", tx.new_id(), {})])
    await post.hear()
    await post.send()
    envelope = await post.kept("notice_money_case")
    assert envelope.to_address == post.at.owner_email
    assert f"{factories.BASE_URL}/c/{post.at.slug}/cases/{case_id}" in f"{envelope.content}"


async def test_a_notice_of_a_mail_that_fails_is_not_told_for_ever(post: Post) -> None:
    async with post.db.begin(post.scope) as tx:
        await service.choose_notice_mails(tx, staff_id=post.at.owner_id, kinds=["mail_failed"])
    await post.place()
    async with servers.mail_server() as server:
        post.office.smtp = server.client()
        server.answers["RCPT"] = "550 nobody"
        for _ in range(4):
            await post.send()
    assert sorted(x.kind for x in await post.messages()) == ["notice_mail_failed", "order_placed"]


async def test_notices_lead_to_pages_that_there_are(post: Post, tmp_path: Any) -> None:
    sku_id = post.shop.skus["TEA"]
    async with post.db.begin(post.scope) as tx:
        low: dict[str, Any] = {
            "sku_id": sku_id,
            "location_id": post.shop.locations["W1"],
            "available": 2,
            "low_threshold": 3,
        }
        tx.emit(inventory.StockRanLow(**low, suggested=10))
        tx.emit(dead_letters.DeadLetterLeft(event_id=tx.new_id(), handler="orders.write_terms"))
        await cases.open_cases(tx, cases=[NewCase("overpaid", "order", tx.new_id(), {})])
    await post.place()
    async with servers.mail_server() as server:
        post.office.smtp = server.client()
        server.answers["RCPT"] = "550 nobody"
        await post.send()
    async with signed_in(post, tmp_path) as client:
        shown = await page(post, client, "/notices")
        assert "TEA is low at Tea House: 2 left." in shown
        for notice in re.findall(r"/notices/([0-9a-f-]{36})/open", shown):
            opened = await submit(post, client, f"/notices/{notice}/open", {}, on="/notices")
            assert (await client.get(opened.headers["location"], headers=HTML)).status_code == 200, opened.headers
        assert 'class="new"' not in await page(post, client, "/notices")


async def test_a_colleague_who_is_called_is_told_and_others_are_not(post: Post) -> None:
    called = await people.person(post.db, post.at, "sales")
    placed = await post.place()
    async with post.db.begin(post.scope) as tx:
        tx.emit(orders.OrderCommented(order_id=placed.order_id, comment_id=tx.new_id(), mentioned=(called,)))
    await post.hear()
    async with post.db.read(post.scope) as tx:
        (notice,) = await queries.notices(tx, staff_id=called, permissions={SELF})
        assert (notice.kind, notice.data["order"]) == ("mentioned", placed.number)
        assert notice.data["person"] == "Wang Min"
        assert await queries.unread(tx, staff_id=post.at.owner_id, permissions=ALL_PERMISSIONS) == 0


async def test_who_is_given_orders_is_told_once_and_not_of_what_they_take_themselves(post: Post) -> None:
    lin = await people.person(post.db, post.at, "sales")
    several = [(await post.place()).order_id for _ in range(5)]
    wishes = [Assignment(x, lin) for x in several[:4]]
    own = [Assignment(several[4], post.at.owner_id)]
    await post.db.write(post.scope, lambda tx: order_service.assign_orders(tx, assignments=[*wishes, *own]))
    await post.hear()
    await post.db.write(
        post.scope, lambda tx: order_service.assign_orders(tx, assignments=[Assignment(several[4], lin)])
    )
    await post.hear()
    async with post.db.read(post.scope) as tx:
        one, many = await queries.notices(tx, staff_id=lin, permissions={SELF})
        numbers = [of.order.number for of in (await order_queries.orders(tx, several)).values()]
        assert await queries.unread(tx, staff_id=post.at.owner_id, permissions={SELF}) == 0
    kind = NOTICES["assigned"]
    assert kind.words("en", many.data) == f"Wang Min assigned orders to you: {', '.join(numbers[:3])} +1."
    assert kind.path(many.subject_id, many.data) == "/orders?view=mine"
    assert kind.path(one.subject_id, one.data) == f"/orders/{several[4]}"


async def test_the_forgotten_password_page_says_the_same_to_everybody(post: Post, tmp_path: Any) -> None:
    said = []
    async with worlds.open_api(post.db, tmp_path) as client:
        link = (await client.get(f"/c/{post.at.slug}/sign-in", headers=HTML)).text
        assert f"/forgotten-password?merchant={post.at.slug}" in link
        for merchant, email in ((post.at.slug, "owner"), (post.at.slug, "nobody"), ("nowhere", "nobody")):
            address = post.at.owner_email if email == "owner" else f"nobody@{post.at.slug}.example"
            answer = await client.submit("/forgotten-password", {"merchant": merchant, "email": address})
            assert answer.status_code == 200
            found = re.search(r'role="status">(.*?)</p>', answer.text)
            assert found is not None
            said.append(found[1].replace(address, "…"))
        assert len(set(said)) == 1
        fields = {"merchant": post.at.slug, "email": post.at.owner_email}
        answers = [await client.submit("/forgotten-password", fields) for _ in range(3)]
        assert answers[-1].status_code == 429
        assert int(answers[-1].headers["retry-after"]) > 0
