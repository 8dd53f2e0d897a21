"""To the customer: what was ordered, what it costs, when it arrives."""

from collections.abc import Iterator

from jiedan.base.i18n import N_
from jiedan.notifications.mails.protocol import Desk, Mail, orders, subject
from jiedan.notifications.values import Content, Facts, Goods, Paragraph
from jiedan.orders import events
from jiedan.orders.rules import kits, taxing, totals
from jiedan.orders.values import Line, Order, OrderWithLines
from jiedan.pricing.values import SHIPPING

FEES = {SHIPPING: N_("Shipping fee")}
"""What fees are called, by the code that pricing gives them."""


def write(desk: Desk[OrderWithLines]) -> Content | None:
    """Write what was ordered, as it stands now; nothing where all of it was canceled meanwhile."""
    order = desk.gathered.order
    if order.lifecycle == "canceled":
        return None
    pairs = [
        (desk.say(N_("Order number")), order.number),
        (desk.say(N_("Ordered on")), desk.moment(order.placed_at)),
    ]
    if order.promised_p90_on is not None:
        pairs.append((desk.say(N_("Arrives by")), desk.date(order.promised_p90_on)))
    if order.shipping_name:
        pairs.append((desk.say(N_("Shipping method")), order.shipping_name))
    wait = [N_("We send it as soon as your payment is here.")] if _awaits_money(order) else []
    return Content(
        desk.say(N_("Your order {number}"), number=order.number),
        desk.say(N_("Thank you for your order")),
        (
            Paragraph(desk.say(N_("Dear {name}, we have received your order."), name=desk.contact.name))
            if desk.contact.name
            else Paragraph(desk.say(N_("We have received your order."))),
            Facts(tuple(pairs)),
            _goods(desk),
            *_taxes(desk),
            *(Paragraph(text) for text in _freed(desk)),
            *(Paragraph(desk.say(text)) for text in wait),
        ),
    )


def _awaits_money(order: Order) -> bool:
    return order.payment_terms == "prepaid" and order.balance_minor < 0


def _freed(desk: Desk[OrderWithLines]) -> Iterator[str]:
    """Yield why the order bears no tax, as the law wants it said."""
    tax = desk.gathered.order.tax
    for note in () if tax is None else tax.reasons:
        if note.code == "reverse_charge":
            text = N_("Reverse charge: whoever buys owes the tax. VAT number {number}. {article}")
            yield desk.say(text, number=note.reference, article=note.article)
        else:
            yield desk.say(N_("Tax exempt, certificate {number}."), number=note.reference)


def _taxes(desk: Desk[OrderWithLines]) -> Iterator[Facts]:
    """Yield the tax by rate, where that says more than the total."""
    rows = taxing.told(taxing.table(desk.gathered.lines))
    currency = desk.gathered.order.currency
    told = tuple([
        (
            desk.say(N_("{tax} on {base}"), tax=row.told_in(desk.locale), base=desk.money(row.base_minor, currency)),
            desk.money(row.tax_minor, currency),
        )
        for row in rows
    ])  # fmt: skip
    if told:
        yield Facts(told)


def _goods(desk: Desk[OrderWithLines]) -> Goods:
    order = desk.gathered.order
    left = [line for line in desk.gathered.lines if line.ordered > line.canceled]
    fees = tuple((desk.say(FEES[line.code]), _cost(desk, line)) for line in left if line.kind == "fee")
    return Goods(
        tuple(_row(desk, line) for line in kits.as_read(line for line in left if line.kind != "fee")),
        (*fees, (desk.say(N_("Total")), desk.money(order.total_minor, order.currency))),
    )


def _row(desk: Desk[OrderWithLines], line: Line) -> tuple[str, str, str]:
    """Return what a line is, how much of it, and what it costs: the parts of a kit stand below it and cost nothing."""
    quantity = desk.number(line.ordered - line.canceled)
    if line.parent_line is not None:
        return (f"– {line.name}", quantity, "")
    return (line.told_in(desk.locale), quantity, _cost(desk, line))


def _cost(desk: Desk[OrderWithLines], line: Line) -> str:
    cost = totals.line_total(totals.LineTotal(line.total_minor, line.tax_minor, line.ordered, line.canceled))
    return desk.money(cost, desk.gathered.order.currency)


MAIL = Mail("order_placed", N_("Order placed"), "order", (events.OrderPlaced,), subject, orders, write)
