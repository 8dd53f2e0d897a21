"""Money needs a person's eye."""

from collections.abc import Sequence
from uuid import UUID

from jiedan.base.db import ReadTx
from jiedan.base.events import StoredEvent
from jiedan.base.i18n import N_
from jiedan.cases import events as cases
from jiedan.cases.values import KIND_LABELS
from jiedan.notifications.notices.protocol import Facts, NoticeKind
from jiedan.notifications.values import NewNotice

OF_MONEY = frozenset({
    "books_diverge", "overpaid", "payment_after_end", "payment_mismatch", "payment_unknown", "payment_without_order",
    "refund_due", "refund_failed", "refund_under_way", "underpaid", "void_failed",
})  # fmt: skip


async def tell(_tx: ReadTx, stored: Sequence[StoredEvent]) -> list[NewNotice]:
    """Tell of each case about money."""
    told = [(event.event_id, cases.CaseOpened.of(event)) for event in stored]
    return [
        NewNotice(event_id, "money_case", KIND.permission, case.case_id, {"case": case.case_kind})
        for event_id, case in told
        if case.case_kind in OF_MONEY
    ]


def path(case_id: UUID, _data: Facts) -> str:
    """Return the page of the case."""
    return f"/cases/{case_id}"


KIND = NoticeKind(
    kind="money_case",
    label=N_("Money case"),
    text=N_("A case was opened: {case}."),
    icon="alert",
    permission="cases:read",
    causes=(cases.CaseOpened,),
    tell=tell,
    path=path,
    words_by_fact={"case": KIND_LABELS},
)
