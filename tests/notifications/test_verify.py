"""Each check of mails and notices finds the fault it is there for, planted past every guard."""

from collections.abc import AsyncIterator
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
import pytest

from jiedan.accounts.values import ALL_PERMISSIONS
from jiedan.base import sql
from jiedan.base.db import Database
from jiedan.cases import service as cases
from jiedan.cases.values import NewCase
from jiedan.notifications import service
from tests import faults
from tests.notifications import factories, servers
from tests.notifications.factories import Post

CHECKS = sql.load("jiedan.notifications", "verify.sql")
FAULTS = sql.load("tests.notifications", "faults.sql")
UNGUARDED = ["mail_message", "mail_settings"]


class Office(NamedTuple):
    """A merchant with something of everything that is checked, and the order of another."""

    post: Post
    other_order: UUID


@pytest.fixture
async def busy(db: Database) -> AsyncIterator[Office]:
    async with factories.opened(db) as other:
        elsewhere = await other.place()
    async with factories.opened(db) as post:
        await post.place()
        await post.send()
        owner_id = post.at.owner_id
        async with db.begin(post.scope) as tx:
            await service.change_settings(tx, changes={"reply_to": "orders@tea.example"})
            await service.choose_notice_mails(tx, staff_id=owner_id, kinds=["money_case"])
            await service.request_trial(tx, staff_id=owner_id)
            await cases.open_cases(tx, cases=[NewCase("overpaid", "order", tx.new_id(), {})])
        await post.hear()
        async with servers.mail_server() as server:
            post.office.smtp = server.client()
            server.answers["RCPT"] = "550 nobody"
            await post.send()
        async with db.begin(post.scope) as tx:
            await service.read_notices(tx, staff_id=owner_id, permissions=ALL_PERMISSIONS, notice_ids=None)
        yield Office(post, elsewhere.order_id)


def test_every_check_has_its_fault() -> None:
    assert faults.checked(FAULTS) == CHECKS.keys()


async def test_sound_books_pass(busy: Office, db: Database) -> None:
    async with db.read(busy.post.scope) as tx:
        for statement in CHECKS.values():
            assert await tx.sql(statement, now=tx.now) == [], statement.name


@pytest.mark.parametrize("name", sorted(FAULTS))
async def test_a_planted_fault_is_found(name: str, busy: Office, owner: psycopg.Connection[Any]) -> None:
    tenant, now = busy.post.at.tenant, busy.post.db.clock.now()
    parameters = {"tenant": tenant, "tenant_id": tenant, "other_order": busy.other_order, "now": now}
    faults.assert_found(owner, CHECKS[faults.check_of(name)], FAULTS[name], parameters, unguarded=UNGUARDED)
