"""What can be done to get goods out: one function per use case, each on a set."""

from jiedan.fulfillment.service.bench import close_boxes, record_prints, save_box, scan_items, undo_scans
from jiedan.fulfillment.service.desk import open_order_desk
from jiedan.fulfillment.service.foresee import Foreseen, foresee
from jiedan.fulfillment.service.labels import order_labels
from jiedan.fulfillment.service.leave import (
    Ready,
    add_codes,
    collect_fulfillments,
    deliver_parcels,
    make_ready,
    ship_orders,
    ship_parcels,
)
from jiedan.fulfillment.service.pick_and_pack import (
    acknowledge_notes,
    pack_parcels,
    pick_lines,
    put_back,
    unpack_parcels,
)
from jiedan.fulfillment.service.promises import PROMISING, promise_orders, release_and_promise, set_handling
from jiedan.fulfillment.service.release import explain, explain_orders, reconsider, release_orders
from jiedan.fulfillment.service.short import short_pick
from jiedan.fulfillment.service.tracking import Heard, follow_numbers, record_tracking, report_parcels

__all__ = [
    "PROMISING",
    "Foreseen",
    "Heard",
    "Ready",
    "acknowledge_notes",
    "add_codes",
    "close_boxes",
    "collect_fulfillments",
    "deliver_parcels",
    "explain",
    "explain_orders",
    "follow_numbers",
    "foresee",
    "make_ready",
    "open_order_desk",
    "order_labels",
    "pack_parcels",
    "pick_lines",
    "promise_orders",
    "put_back",
    "reconsider",
    "record_prints",
    "record_tracking",
    "release_and_promise",
    "release_orders",
    "report_parcels",
    "save_box",
    "scan_items",
    "set_handling",
    "ship_orders",
    "ship_parcels",
    "short_pick",
    "undo_scans",
    "unpack_parcels",
]
