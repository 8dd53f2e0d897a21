"""What can be done with orders: one function per use case. Other modules place orders through here, too."""

from jiedan.orders.placement import place_orders, preview_orders
from jiedan.orders.placement.desk import OrderDesk, open_order_desk, refusal_of, wish_of
from jiedan.orders.placement.paying import previewed, previewed_each
from jiedan.orders.placement.promising import Promising
from jiedan.orders.placement.quote import Quote, facts_of, price_alone, quote_carts
from jiedan.orders.rules.alone import Alone
from jiedan.orders.rules.canceling import Canceled
from jiedan.orders.service.approving import approval_of
from jiedan.orders.service.assign import assign_order, assign_orders, take_back
from jiedan.orders.service.bespoke import formulas_of, formulas_of_products, read_said, said_again
from jiedan.orders.service.by_hand import Repriced, refuse_prices, set_prices
from jiedan.orders.service.cancel import ask_elsewhere, cancel_each, cancel_order, cancel_orders, expire_orders
from jiedan.orders.service.comments import comment_order, comment_orders
from jiedan.orders.service.completion import (
    CompleteRequest,
    Performance,
    complete_order,
    complete_orders,
    perform_services,
    perform_services_of,
)
from jiedan.orders.service.drafts import (
    change_draft,
    discard_draft,
    forget_discarded,
    place_draft,
    restore_draft,
    save_draft,
)
from jiedan.orders.service.edit import Edited, edit_order
from jiedan.orders.service.explain import Explained, explain_prices
from jiedan.orders.service.fill import fill_waiting, sweep_waiting
from jiedan.orders.service.gifts import OfferedGift, gifts_of
from jiedan.orders.service.holds import lift_hold, lift_holds, place_each_hold, place_hold, place_holds
from jiedan.orders.service.look_ups import LookUp, mail_codes, open_order, request_look_up
from jiedan.orders.service.losses import lose_stock
from jiedan.orders.service.marks import mark_orders
from jiedan.orders.service.measure import measured
from jiedan.orders.service.payments import record_payments
from jiedan.orders.service.presence import look_at
from jiedan.orders.service.promises import record_promises
from jiedan.orders.service.promoted import promotions_of
from jiedan.orders.service.references import add_references
from jiedan.orders.service.reopen import reopen_order, reopen_orders
from jiedan.orders.service.replay import replay_orders
from jiedan.orders.service.requests import ask_about_order
from jiedan.orders.service.reshipping import methods_of
from jiedan.orders.service.shipments import record_shipments
from jiedan.orders.service.subjects import OrderSubjects, SubjectSource, order_subjects
from jiedan.orders.service.tries import CodeTries, unknown_codes
from jiedan.orders.service.views import SHARE_PERMISSION, NewView, change_view, move_view, remove_view, save_view

__all__ = [
    "SHARE_PERMISSION",
    "Alone",
    "Canceled",
    "CodeTries",
    "CompleteRequest",
    "Edited",
    "Explained",
    "LookUp",
    "NewView",
    "OfferedGift",
    "OrderDesk",
    "OrderSubjects",
    "Performance",
    "Promising",
    "Quote",
    "Repriced",
    "SubjectSource",
    "add_references",
    "approval_of",
    "ask_about_order",
    "ask_elsewhere",
    "assign_order",
    "assign_orders",
    "cancel_each",
    "cancel_order",
    "cancel_orders",
    "change_draft",
    "change_view",
    "comment_order",
    "comment_orders",
    "complete_order",
    "complete_orders",
    "discard_draft",
    "edit_order",
    "expire_orders",
    "explain_prices",
    "facts_of",
    "fill_waiting",
    "forget_discarded",
    "formulas_of",
    "formulas_of_products",
    "gifts_of",
    "lift_hold",
    "lift_holds",
    "look_at",
    "lose_stock",
    "mail_codes",
    "mark_orders",
    "measured",
    "methods_of",
    "move_view",
    "open_order",
    "open_order_desk",
    "order_subjects",
    "perform_services",
    "perform_services_of",
    "place_draft",
    "place_each_hold",
    "place_hold",
    "place_holds",
    "place_orders",
    "preview_orders",
    "previewed",
    "previewed_each",
    "price_alone",
    "promotions_of",
    "quote_carts",
    "read_said",
    "record_payments",
    "record_promises",
    "record_shipments",
    "refusal_of",
    "refuse_prices",
    "remove_view",
    "reopen_order",
    "reopen_orders",
    "replay_orders",
    "request_look_up",
    "restore_draft",
    "said_again",
    "save_draft",
    "save_view",
    "set_prices",
    "sweep_waiting",
    "take_back",
    "unknown_codes",
    "wish_of",
]
