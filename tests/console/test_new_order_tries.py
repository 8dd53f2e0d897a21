"""Wrong codes in the console's new order: the same one counts once in a form, others count each."""

import re
from typing import Any

import pytest

from jiedan.accounts.rules import CODES_PER_CALLER_MAX
from jiedan.base.db import Database, Scope
from jiedan.base.web import prose
from jiedan.console.new_order_form import NewOrderForm
from jiedan.orders import service as orders
from tests.console.test_new_order import TEA, send
from tests.console.test_new_order_paying import desk, kept, offers
from tests.console.test_pages import page

WRONG = {"lines": [{"sku": "TEA", "quantity": 1}], "coupons": ["NOPE77"]}


def marked(shown: str) -> dict[str, list[str]]:
    """Return the codes of a page, and its marks of those that were counted."""
    marks = re.findall(r'<input type="hidden" name="coupon_counted" value="([^"]+)"', shown)
    return {**kept(shown), "coupon_counted": marks}


async def test_a_wrong_code_counts_once_however_often_its_draft_is_kept(db: Database, scope: Scope) -> None:
    await offers(db, scope)
    draft = await db.write(scope, lambda tx: orders.save_draft(tx, data=WRONG, caller="program"))
    async with desk(db, scope) as client:
        shown = await page(client, f"/orders/new?draft={draft.draft_id}")
        fields: dict[str, Any] = {**TEA, "key": str(draft.draft_id), "draft_id": str(draft.draft_id), **marked(shown)}
        for _ in range(CODES_PER_CALLER_MAX + 1):
            again = await send(client, fields, "keep")
            assert again.status_code == 200, again.text
            fields |= marked(again.text)
    assert "The coupon NOPE77 cannot be used: there is no such code." in again.text
    assert (fields["coupon_taken"], len(fields["coupon_counted"])) == (["NOPE77"], 1)


async def test_different_wrong_codes_count_each_whatever_marks_come_with_them(db: Database, scope: Scope) -> None:
    await offers(db, scope)
    async with desk(db, scope) as client:
        fields: dict[str, Any] = dict(TEA)
        for n in range(CODES_PER_CALLER_MAX):
            shown = await send(client, {**fields, "coupon": f"GUESS-{n}"}, "preview")
            assert shown.status_code == 422
            fields |= marked(shown.text)
        over = await send(client, {**fields, "coupon": "spring10"}, "preview")
    assert len(set(fields["coupon_counted"])) == 20, "the latest"
    assert over.status_code == 429


async def test_a_mark_of_another_form_is_none(db: Database, scope: Scope) -> None:
    await offers(db, scope)
    async with desk(db, scope) as client:
        fields: dict[str, Any] = {**TEA, "coupon": "NOPE77"}
        for n in range(CODES_PER_CALLER_MAX):
            shown = await send(client, {**fields, "key": f"k-{n}"}, "preview")
            assert shown.status_code == 422
            fields |= marked(shown.text)
        over = await send(client, {**fields, "key": "k-x"}, "preview")
    assert over.status_code == 429


@pytest.mark.parametrize("name", ["coupon_counted", "kept", "row_kept"])
def test_a_mark_that_looks_like_a_card_stays_as_it_is(name: str) -> None:
    mark = f"4111111111111111{'a' * 48}"
    assert prose.masked(NewOrderForm, "note", mark) != mark
    assert prose.masked(NewOrderForm, name, mark) == mark
