"""Every operation that writes, and the objects it is about: two operations on one object make a pair.

`{name}` in addresses and bodies is something of the stage's. What is left out of the API's own list stands in
`LEFT_OUT` with its reason.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tests.interleavings import (
    on_accounts,
    on_coupons,
    on_jobs,
    on_messages,
    on_orders,
    on_packing,
    on_prices,
    on_privacy,
    on_the_rest,
    on_wallets,
)
from tests.interleavings.operation import Operation

OPERATIONS = [
    *on_orders.OPERATIONS,
    *on_packing.OPERATIONS,
    *on_the_rest.OPERATIONS,
    *on_messages.OPERATIONS,
    *on_jobs.OPERATIONS,
    *on_privacy.OPERATIONS,
    *on_accounts.OPERATIONS,
    *on_wallets.OPERATIONS,
    *on_coupons.OPERATIONS,
    *on_prices.OPERATIONS,
]

LEFT_OUT = {
    "POST /carriers/quotes": "only reads",
    "POST /orders/preview": "only reads",
    "POST /pricing/quote": "only reads",
    "POST /orders/{order_id}/refunds/preview": "only reads",
    "POST /orders/{order_id}/edit-preview": "only reads",
    "POST /stock/availability": "only reads",
    "POST /exports": "reads, and tells that it did",
    "POST /exports/payments": "as exports of orders",
    "POST /exports/refunds": "as exports of orders",
    "POST /payments/{payment_id}/captures": "a transaction before the provider and one after: they are met one by one",
    "POST /payments/{payment_id}/voids": "as captures",
    "DELETE /me/sessions/{session_id}": "the caller of an API key has no sessions",
}

BY_THE_WORKER = {
    "accounts.begin_resets": "begin resets",
    "base.check_all_books": "check the books",  # which is asked for in a transaction of its own
    "base.check_books": "check the books",
    "base.expire_idempotency_keys": "forget old keys",
    "base.forget_books_checks": "forget checks",
    "bulk.do_job": "do a bulk job",
    "bulk.forget_old": "forget bulk jobs",
    "carts.forget_old": "forget carts",
    "catalog.index_products": "index",
    "catalog.render_images": "render a picture",
    "customers.write_terms": "write who they are",
    "exports.forget_old": "forget files",
    "exports.write_file": "write a file",
    "fulfillment.follow_parcels": "follow parcels",
    "fulfillment.promise_orders": "promise",
    "fulfillment.reconsider_release": "reconsider",
    "imports.forget_old": "forget old imports",
    "inventory.release_expired_reservations": "free carts",
    "notifications.empty_mailbox": "empty the mailbox",
    "notifications.follow_sessions": "forget browsers",
    "notifications.put_up_notices": "put up notices",
    "notifications.queue_mails": "queue mails",
    "notifications.send_due": "send mails",
    "notifications.sweep": "lose mails",  # and then it sends
    "notifications.take_down_notices": "take down notices",
    "orders.expire": "expire",
    "orders.fill_waiting": "fill",
    "orders.forget_discarded": "forget drafts",
    "orders.sweep_waiting": "fill",
    "orders.take_back": "take back orders",
    "orders.write_terms": "write terms",
    "payments.follow_late_money": "follow late money",
    "payments.give_back": "give back",
    "payments.let_go": "let go",
    "payments.settle_points": "settle points",
    "payments.perform_due": "hear it succeeded",  # after the provider; before it nothing is written
    "payments.sweep": "hear it failed",
    "pricing.forget_removals": "forget rules",
    "pricing.make_coupons": "make many coupons",
    "privacy.continue_erasures": "erase",
    "privacy.erase_customer": "erase",
    "replays.do_replay": "do a replay",
    "replays.forget_old": "forget replays",
    "reports.count_due": "count due hours",
    "reports.count_hours": "count hours",
    "reports.mark_hours": "mark hours",
    "wallets.expire": "expire cards",
}
"""Which operation the work of the worker is, by the name of the handler, the periodic work or the task."""

OF_THE_WORKER_LEFT_OUT = {
    "catalog.sweep_images": "files, not rows: tests/catalog/test_images.py",
    "bulk.start_jobs": "asks for a task, changes nothing",
    "exports.start_files": "asks for a task, changes nothing",
    "imports.start_runs": "asks for a task, changes nothing",
    "notifications.push_due": "as captures; a notice that is pushed twice is shown once",
    "imports.save_rows": "places, and adds, in sets, as the API does: one process at a time has a run in hand",
    "notifications.send_again": "asks for a task, changes nothing",
    "pricing.start_coupons": "asks for a task, changes nothing",
    "privacy.start_erasures": "asks for a task, changes nothing",
    "replays.start_replays": "asks for a task, changes nothing",
}


class Pair(NamedTuple):
    """Two operations at once; `how` two of the same kind meet: "", under the same key, or having seen one version."""

    one: Operation
    other: Operation
    how: str = ""

    @property
    def name(self) -> str:
        """How reports call it."""
        return f"{self.one.name} / {self.other.name}" + (f" ({self.how})" if self.how else "")


def pairs(operations: Sequence[Operation], *, keyed: frozenset[str], versioned: frozenset[str]) -> Iterator[Pair]:
    """Yield every two operations that are about the same object, and each with itself."""
    for i, one in enumerate(operations):
        for other in operations[i:]:
            if one.on & other.on:
                yield Pair(one, other)
        address = f"{one.method} {one.path}"
        if address in keyed or "{key}" in str(one.body):
            yield Pair(one, one, "same key")
        if address in versioned:
            yield Pair(one, one, "same version")
