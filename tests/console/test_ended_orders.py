"""An order that has ended, on its page: it is opened again, and why it is as it is stays told, each time by itself."""

from typing import get_args

from jiedan.accounts.values import ALL_PERMISSIONS
from jiedan.base.db import Database, Scope
from jiedan.console import words
from jiedan.orders.values.words import DecisionKind
from tests.console.test_pages import current, one_order, open_console, page, submit


async def test_a_canceled_order_is_opened_again_from_its_page(db: Database, scope: Scope) -> None:
    placed = await one_order(db, scope)
    at = f"/orders/{placed.order_id}"
    async with open_console(db, scope) as client:
        assert "/reopening" not in await page(client, at)
        await submit(client, f"{at}/cancellations", {"reason": "why", "whole": "1"}, on=at)
        blank = await submit(client, f"{at}/reopening", {"reason": " "}, on=at)
        opened = await submit(client, f"{at}/reopening", {"reason": "It was a mistake."}, on=at)
        shown = await page(client, at)
        again = await submit(client, f"{at}/reopening", {"reason": "Twice."}, on=at)
    assert (blank.status_code, opened.status_code, again.status_code) == (422, 303, 409)
    assert (await current(db, scope, placed.order_id)).order.lifecycle == "open"
    assert "<q>It was a mistake.</q>" in shown
    assert "/reopening" not in shown
    assert shown.index("When it was opened again") < shown.index("When it was placed")


async def test_opening_again_needs_its_permission(db: Database, scope: Scope) -> None:
    placed = await one_order(db, scope)
    at = f"/orders/{placed.order_id}"
    async with open_console(db, scope, rights=ALL_PERMISSIONS - {"orders:reopen"}) as client:
        await submit(client, f"{at}/cancellations", {"reason": "why", "whole": "1"}, on=at)
        assert "/reopening" not in await page(client, at)
        assert (await submit(client, f"{at}/reopening", {"reason": "x"}, on=at)).status_code == 403


async def test_every_kind_of_decision_has_its_words() -> None:
    assert set(words.DECISIONS) == set(get_args(DecisionKind))
