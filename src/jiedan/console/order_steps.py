"""How far an order has come, and what to do next: pure."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple, Protocol
from uuid import UUID

from jiedan.base.i18n import N_
from jiedan.console import words
from jiedan.fulfillment.queries import Way
from jiedan.fulfillment.values import Status
from jiedan.orders.queries import Details
from jiedan.orders.values import Order, OrderWithLines

_GONE = frozenset({"partly_shipped", "shipped", "partly_delivered", "delivered", "partly_returned", "returned"})
_ARRIVED = frozenset({"delivered", "partly_returned", "returned"})
_PAID = frozenset({"paid", "overpaid", "not_due"})


class Step(NamedTuple):
    """One step of an order's way: `state` is done, current or empty; `at` where known, `due_on` where promised."""

    label: str
    icon: str
    state: str
    at: datetime | None = None
    due_on: date | None = None


class Deed(NamedTuple):
    """What to do next: `label` a message id, `path` an address of the console or a place on the page."""

    label: str
    icon: str
    path: str


class Tender(Protocol):
    """What is asked of a payment here."""

    @property
    def payment(self) -> "_Identified":
        """The payment itself."""
        ...

    @property
    def can_confirm(self) -> bool:
        """Whether its money is awaited."""
        ...

    @property
    def can_capture(self) -> bool:
        """Whether money is set aside."""
        ...


class _Identified(Protocol):
    @property
    def payment_id(self) -> UUID: ...


def steps(order: Order, moments: Mapping[str, datetime | None]) -> list[Step]:
    """Return the way of an order: which steps are done, which is under way, and when."""
    placed = Step(words.STEPS["placed"], "check", "done", order.placed_at)
    if order.lifecycle == "canceled":
        return [placed, Step(words.STEPS["canceled"], "x", "done", order.canceled_at)]
    payment, goods = order.payment_status, order.fulfillment_status
    states = {
        "paid": "done" if payment in _PAID else "current" if payment != "pending" else "",
        "allocated": "done"
        if goods in _GONE | {"allocated", "not_needed"}
        else "current"
        if goods != "waiting"
        else "",
        "shipped": "done" if goods in _GONE - {"partly_shipped"} else "current" if goods == "partly_shipped" else "",
        "delivered": "done" if goods in _ARRIVED else "current" if goods == "partly_delivered" else "",
        "completed": "done" if order.lifecycle == "completed" else "",
    }
    icons = {"paid": "card", "allocated": "boxes", "shipped": "truck", "delivered": "home", "completed": "check"}
    return [
        placed,
        *(
            Step(
                words.STEPS[name],
                icons[name],
                state,
                moments.get(name) if state else None,
                order.promised_p90_on if name == "delivered" and not state else None,
            )
            for name, state in states.items()
        ),
    ]


_AT_WORK: Mapping[Status, tuple[str, str]] = {
    "released": (N_("Pick the goods"), "boxes"),
    "picking": (N_("Go on picking"), "boxes"),
    "picked": (N_("Pack the goods"), "package"),
    "packed": (N_("Ship the parcels"), "truck"),
    "partly_shipped": (N_("Ship the rest"), "truck"),
    "ready": (N_("Hand over the goods"), "hand"),
    "stopped": (N_("Put the goods back"), "refresh"),
    "shipped": (N_("Record the delivery"), "check"),
}


def deed(
    found: OrderWithLines,
    details: Details,
    ways: Sequence[Way],
    tenders: Sequence[Tender] | None,
    may: Collection[str],
) -> Deed | None:
    """Return what somebody with the rights `may` does next with an order, None where nothing is left to be done."""
    order = found.order
    if order.lifecycle == "canceled":
        can = "orders:reopen" in may and not order.history
        return Deed(N_("Open again…"), "refresh", "?open=reopen#reopen") if can else None
    if order.lifecycle == "completed":
        return None
    if any(hold.lift_permission in may for hold in details.standing_holds):
        return Deed(N_("Decide about the hold"), "check", "#holds")
    at_work = next((way for way in ways if way.status in _AT_WORK and way.status != "shipped"), None)
    if at_work is not None and "fulfillment:read" in may:
        return _work(at_work)
    return _money(order, tenders, may) or _rest(found, ways, may)


def _work(way: Way) -> Deed:
    label, icon = _AT_WORK[way.status]
    return Deed(label, icon, f"/fulfillment/{way.fulfillment_id}")


def _money(order: Order, tenders: Sequence[Tender] | None, may: Collection[str]) -> Deed | None:
    if tenders is None or "payments:write" not in may or not order.to_pay_minor:
        return None
    for tender in tenders:
        if tender.can_capture:
            return Deed(N_("Capture the money…"), "card", f"?open=capture-{tender.payment.payment_id}#payment")
    for tender in tenders:
        if tender.can_confirm:
            return Deed(N_("Confirm the money…"), "card", f"?open=confirm-{tender.payment.payment_id}#payment")
    return Deed(N_("Take a payment…"), "card", "?open=pay#payment") if order.payment_terms == "prepaid" else None


def _rest(found: OrderWithLines, ways: Sequence[Way], may: Collection[str]) -> Deed | None:
    services = any(x.ordered > x.canceled + x.performed for x in found.lines if x.kind == "service")
    if services and "orders:write" in may:
        return Deed(N_("Mark services as performed"), "check", "#services")
    gone = next((way for way in ways if way.status == "shipped"), None)
    if gone is not None and "fulfillment:deliver" in may:
        return _work(gone)
    return None
