"""Every write there is: the routes of the application, the handlers of events, periodic work, tasks."""

from collections.abc import Iterator, Mapping

from jiedan import wiring
from jiedan.base.web import sending
from tests.base import web_client
from tests.crashes import (
    calls,
    forms,
    on_access,
    on_assigning,
    on_bench,
    on_carts,
    on_coupons,
    on_drafts,
    on_groups,
    on_jobs,
    on_mail,
    on_paying,
    on_people,
    on_prices,
    on_privacy,
    on_shoppers,
    on_wallets,
    unwalked,
    worker,
)
from tests.crashes.calls import Stage
from tests.crashes.walking import SWEEP, Scenario
from tests.security import crossing

CALLS: Mapping[tuple[str, str], Stage] = {
    **calls.STAGES, **on_assigning.CALLS, **on_bench.CALLS, **on_groups.CALLS, **on_jobs.CALLS, **on_mail.CALLS,
    **on_privacy.CALLS, **on_wallets.CALLS, **on_coupons.CALLS,
    **on_drafts.CALLS, **on_paying.CALLS, **on_prices.CALLS,
}  # fmt: skip
"""By method and path. A call that is not here is made as its example stands."""

FORMS: Mapping[str, Stage] = {
    **forms.STAGES, **on_bench.FORMS, **on_carts.FORMS, **on_jobs.FORMS, **on_mail.FORMS, **on_access.FORMS,
    **on_people.FORMS, **on_shoppers.FORMS, **on_assigning.FORMS, **on_wallets.FORMS,
}  # fmt: skip
"""By path; each is posted."""

HANDLERS: Mapping[str, Stage] = {
    **worker.HANDLERS, **on_assigning.HANDLERS, **on_jobs.HANDLERS, **on_mail.HANDLERS, **on_people.HANDLERS,
    **on_privacy.HANDLERS, **on_coupons.HANDLERS,
}  # fmt: skip
PERIODIC: Mapping[str, Stage] = {
    **worker.PERIODIC, **on_carts.PERIODIC, **on_jobs.PERIODIC, **on_mail.PERIODIC, **on_privacy.PERIODIC,
    **on_prices.PERIODIC, **on_wallets.PERIODIC,
}  # fmt: skip
TASKS: Mapping[str, Stage] = {**worker.TASKS, **on_jobs.TASKS, **on_mail.TASKS, **on_privacy.TASKS, **on_coupons.TASKS}
"""By name."""

SENT_BEFORE = frozenset({sending.FormAlreadySent.message})
"""What the page says that answers a form which comes again."""

LINK_USED = "This link is not valid any more."
AS_IT_IS = "409 text/html"
"""How the answer begins that shows a page as it is now."""

LED_BACK = "303 "

AGAIN: Mapping[str, str] = {
    **on_prices.AGAIN,
    # Gone is gone: whoever removes it again is told that it is not there.
    "DELETE /api/v1/carts/{cart_id}": "cart_not_found",
    "DELETE /api/v1/categories/{category_id}": "category_not_found",
    "DELETE /api/v1/customer-groups/{group_id}": "customer_group_not_found",
    "DELETE /api/v1/customers/{customer_id}/addresses/{address_id}": "address_not_found",
    "DELETE /api/v1/customers/{customer_id}/merges/{merged_id}": "nothing_to_undo",
    "DELETE /api/v1/customers/{customer_id}/tax-exemptions/{exemption_id}": "tax_exemption_not_found",
    "DELETE /api/v1/customers/{customer_id}/tax-exemptions/{exemption_id}/certificate": "tax_certificate_not_found",
    "DELETE /api/v1/images/{image_id}": "image_not_found",
    "DELETE /api/v1/locations/{location_id}": "location_not_found",
    "DELETE /api/v1/order-drafts/{draft_id}": "draft_not_found",
    "DELETE /api/v1/order-views/{view_id}": "view_not_found",
    "DELETE /api/v1/postal-areas/{country}/{prefix}": "postal_area_not_found",
    "DELETE /api/v1/push-subscriptions/{subscription_id}": "device_not_found",
    "DELETE /api/v1/roles/{role_id}": "role_not_found",
    # The caller revoked what it called with.
    "DELETE /api/v1/api-keys/{api_key_id}": "unauthenticated",
    "DELETE /api/v1/me/sessions/{session_id}": "unauthenticated",
    # A secret is shown once.
    "POST /api/v1/api-keys": "secret_shown",
    "POST /api/v1/invitations": "link_shown",
    "POST /api/v1/staff/{staff_id}/password-resets": "link_shown",
    # It was done, and the answer says so.
    "POST /api/v1/customer-groups/{group_id}/members": '"is_changed": false',
    "POST /api/v1/customer-groups/{group_id}/members/removals": '"is_changed": false',
    "POST /api/v1/customers/batch": '"customer_id": ',
    "POST /api/v1/orders/batch": "already_placed",
    "POST /api/v1/prices/batch": "unchanged",
    "POST /api/v1/products/batch": "unchanged",
    "POST /api/v1/stock/adjustments": '"is_repeated": true',
    "POST /api/v1/stock/adjustments/batch": '"is_repeated": true',
    "POST /api/v1/stock/receipts": '"is_repeated": true',
    "POST /api/v1/stock/receipts/batch": '"is_repeated": true',
    "POST /api/v1/wallets/adjustments": '"is_repeated": true',
    "POST /api/v1/tracking-events": '"is_new": false',
    # A code is shown once: the page shows the order as it is, and gives another when it is asked anew.
    "POST /s/{slug}/orders/{order_id}/code": LED_BACK,
    # Without a key: what is done cannot be done again, and the refusal says what it is now.
    "PATCH /api/v1/orders/{order_id}": "nothing_to_edit",
    "PATCH /api/v1/orders/{order_id}/prices": "nothing_to_edit",
    "POST /api/v1/bulk-jobs/{bulk_job_id}/continue": "bulk_job_under_way",
    "POST /api/v1/bulk-jobs/{bulk_job_id}/stop": "bulk_job_ended",
    "POST /api/v1/cases/{case_id}/resolution": "case_already_resolved",
    "POST /api/v1/counts/{count_id}/application": "count_ended",
    "POST /api/v1/counts/{count_id}/cancellation": "count_ended",
    "POST /api/v1/dead-letters/discard": "dead_letter_not_found",
    "POST /api/v1/dead-letters/requeue": "dead_letter_not_found",
    "POST /api/v1/fulfillments/acknowledgements": "nothing_to_acknowledge",
    "POST /api/v1/fulfillments/{fulfillment_id}/collection": "not_ready",
    "POST /api/v1/imports/{import_id}/run": "already_imported",
    "POST /api/v1/mails/requeue": "message_not_stuck",
    "POST /api/v1/orders/releases": "nothing_left",
    "POST /api/v1/parcels/deliveries": "parcel_not_under_way",
    "POST /api/v1/parcels/labels": "parcel_has_label",
    "POST /api/v1/parcels/prints": "already_printed",
    "POST /api/v1/parcels/shipments": "parcel_not_waiting",
    "POST /api/v1/parcels/unpackings": "parcel_not_waiting",
    "POST /api/v1/payments/confirmations": "nothing_to_confirm",
    "POST /api/v1/payments/{payment_id}/assignment": "payment_has_order",
    # It was asked for, and nobody knows yet what came of it; the sweeper will.
    "POST /api/v1/orders/{order_id}/payments": '"state": "pending"',
    "POST /api/v1/payments/{payment_id}/captures": '"state": "pending"',
    "POST /api/v1/payments/{payment_id}/refunds": '"state": "pending"',
    "POST /api/v1/payments/{payment_id}/voids": '"state": "pending"',
    "POST /in/{tenant}/{provider}": '"is_new": false',
    "POST /api/v1/payments/operations/{operation_id}/settlement": "operation_settled",
    "POST /api/v1/transfers/{transfer_id}/closure": "transfer_ended",
    # A form whose page looks first, and says how it is now; a page that is shown as it is, without the form, says 409.
    "POST /c/{slug}/account/password": "Sign-in is required.",
    "POST /c/{slug}/cases/{case_id}/resolution": AS_IT_IS,
    "POST /c/{slug}/join": LINK_USED,
    "POST /c/{slug}/orders/views/{view_id}/removal": "There is no view ",
    "POST /c/{slug}/orders/{order_id}/completion": AS_IT_IS,
    "POST /c/{slug}/orders/{order_id}/holds/{hold_id}/lift": AS_IT_IS,
    "POST /c/{slug}/orders/{order_id}/holds/{hold_id}/refuse": AS_IT_IS,
    "POST /c/{slug}/orders/{order_id}/payments/{payment_id}/confirmations": AS_IT_IS,
    "POST /c/{slug}/orders/{order_id}/reopening": AS_IT_IS,
    "POST /c/{slug}/parcels/{parcel_id}/label": " has the label ",
    "POST /c/{slug}/prices/replays": "A replay is under way already.",
    "POST /c/{slug}/roles/{role_id}/remove": "There is no such role.",
    **dict.fromkeys((f"POST /s/{{slug}}/link/{x}" for x in ("account", "email", "password", "session")), LINK_USED),
    "POST /s/{slug}/track/code": "This code is not right, or it has ended.",
    "POST /sign-in/code": "This code is not right, or was used before.",
    "POST /sign-in/passkey": "This passkey does not sign you in here.",
    "POST /sign-out": "This form is not valid any more.",
}
"""What a call that was done already may be answered instead, by what stands in the answer."""

_LEDGER = ("amount_minor", "currency", "entry_id", "kind", "occurred_at", "operation_id", "reason", "recorded_at")
_SETTLED = frozenset(
    {
        *("state", "version", "payment_id", "captured_minor", "capturable_minor", "refundable_minor", "refunded_minor"),
        *("voided_minor", "operations.operation_id", "operations.settled_at", "operations.state", "ledger"),
        *(f"ledger.{name}" for name in (*_LEDGER, "reference", "refers_to", "refund_lines")),
    }
)
"""What of a payment is known when its operation is settled, and ids that are told by their order."""

BUT_FOR: Mapping[str, frozenset[str]] = {
    **on_prices.BUT_FOR,
    "POST /api/v1/customer-groups/{group_id}/members": frozenset({"is_changed"}),
    "POST /api/v1/customer-groups/{group_id}/members/removals": frozenset({"is_changed"}),
    "POST /api/v1/customers/batch": frozenset({"is_new"}),
    "POST /api/v1/orders/batch": frozenset({"status"}),
    "POST /api/v1/orders/{order_id}/payments": _SETTLED,
    "POST /api/v1/payments/{payment_id}/captures": _SETTLED,
    "POST /api/v1/payments/{payment_id}/refunds": _SETTLED,
    "POST /api/v1/payments/{payment_id}/voids": _SETTLED,
    "POST /api/v1/prices/batch": frozenset({"changed", "outcome"}),
    "POST /api/v1/products/batch": frozenset({"changed", "outcome"}),
    "POST /api/v1/stock/adjustments": frozenset({"is_repeated"}),
    "POST /api/v1/stock/adjustments/batch": frozenset({"moved.is_repeated"}),
    "POST /api/v1/stock/receipts": frozenset({"is_repeated"}),
    "POST /api/v1/stock/receipts/batch": frozenset({"moved.is_repeated"}),
    "POST /api/v1/tracking-events": frozenset({"is_new"}),
    "POST /api/v1/wallets/adjustments": frozenset({"moved.is_repeated"}),
    "POST /in/{tenant}/{provider}": frozenset({"is_new"}),
}
"""Where it is the first answer that is said again, but for these fields: in them, what `AGAIN` has stands."""

SHOWN_ONCE = frozenset(
    {
        *("POST /api/v1/api-keys", "POST /api/v1/invitations"),
        "POST /api/v1/staff/{staff_id}/password-resets",
    }
)
"""What has a key and is answered otherwise again: nobody keeps the secret that stood in the first answer."""

MAY_REPEAT: Mapping[str, str] = {
    **on_privacy.MAY_REPEAT,
    **on_shoppers.MAY_REPEAT,
    "handler bulk.start_jobs": "a job that was asked for twice is done once, as the task of that name shows",
    "handler exports.start_files": "a file that was asked for twice is written once, as the task of that name shows",
    "handler notifications.send_again": "what is due is sent once, however often it is asked for",
    "handler replays.start_replays": "a replay that was asked for twice is done once, as the task of that name shows",
    "handler imports.start_runs": "a run that was asked for twice is done once, as the task of that name shows",
    "periodic base.check_all_books": "books that were checked are checked again; a check that has not ended is ended",
    "POST /api/v1/exports": "each file that leaves is told of",
    "POST /api/v1/exports/payments": "as with orders",
    "POST /api/v1/exports/refunds": "as with orders",
    "POST /api/v1/fulfillments/ready": "a code is shown once; asked again there is another, and the first is void",
    "POST /api/v1/mail-settings/test": "each time somebody asks, a mail shows whether mails arrive",
    "POST /forgotten-password": "each request leads to a mail, and only the link of the last one works",
    "POST /sign-in/code": "a code is good once; whoever sends it again is asked for the next, and that counts",
    "POST /sign-in": "each sign-in is a session of its own",
    "POST /c/{slug}/fulfillment/{fulfillment_id}/ready": "a code is shown once; asked again there is another",
    "POST /c/{slug}/staff/{staff_id}/password-reset": "a link is shown once; the first one ends when another is made",
}
"""What is done again when it is asked for again, and why that is meant."""


READS = frozenset(
    {
        *("POST /api/v1/carriers/quotes", "POST /api/v1/stock/availability"),
        *("POST /api/v1/orders/preview", "POST /api/v1/orders/{order_id}/edit-preview"),
        "POST /api/v1/pricing/quote",
        *("POST /api/v1/coupons/look-ups", "POST /api/v1/gift-cards/look-ups"),  # only a wrong code leaves something
        "POST /api/v1/orders/{order_id}/refunds/preview",
        *("POST /api/v1/imports/{import_id}/dry-run", "POST /preferences/language", "POST /preferences/theme"),
        *("POST /preferences/density", "POST /c/{slug}/orders/columns", "POST /c/{slug}/scanned-photo"),
        "POST /c/{slug}/papers",
        *("POST /s/{slug}/currency", "POST /s/{slug}/place"),
        "POST /s/{slug}/products/{product_id}",  # only asks what a piece costs that something is written on
    }
)
"""What is posted and leaves nothing."""


IN_STEPS = frozenset({"POST /c/{slug}/fulfillment/{fulfillment_id}/pack/parcels"})
"""What is done in several transactions, the first of which is done once: the box is closed, its label is made."""


OF_PROGRAMS = ("/api/", "/in/", "/pay/")
"""How the paths begin of what is no page of ours."""


def every(client: web_client.Client) -> Iterator[Scenario]:
    """Yield every scenario, in an order that stays, but for what `unwalked` names."""
    for of in (of_api(client), of_pages(client), of_worker()):
        yield from (scenario for scenario in of if scenario.name not in unwalked.NOT_YET)


def of_api(client: web_client.Client) -> Iterator[Scenario]:
    """Yield the calls of the API that write, the messages that providers send, the returns from their pages."""
    for method, path in sorted(writes(client)):
        if path.startswith(OF_PROGRAMS):
            stage = CALLS.get((method, path)) or calls.plain(method, path)
            yield _scenario(f"{method} {path}", stage, path, _again(f"{method} {path}"))


def of_pages(client: web_client.Client) -> Iterator[Scenario]:
    """Yield the forms of pages. Whoever sends one again is told so, where nothing else is named for it."""
    for method, path in sorted(writes(client)):
        name = f"{method} {path}"
        if path.startswith(OF_PROGRAMS) or path in unwalked.AS_BY_API or name in unwalked.NOT_YET:
            continue
        yield _scenario(name, FORMS[path], path, _again(name) | SENT_BEFORE)


def of_worker() -> Iterator[Scenario]:
    """Yield what the worker does: one scenario per handler, periodic work and task; and all handlers together."""
    handlers = {handler.name for several in wiring.SUBSCRIPTIONS.values() for handler in several}
    for name in sorted(handlers & HANDLERS.keys()):
        yield Scenario(
            f"handler {name}",
            HANDLERS[name],
            [("drain", name)],
            may_repeat=MAY_REPEAT.get(f"handler {name}", ""),
            is_whole=False,
        )
    for name, stage in worker.TOGETHER.items():
        yield Scenario(f"drain after {name}", stage, [("drain", "")])
    for periodic in (each for each in wiring.PERIODIC if each.name in PERIODIC):
        name = f"periodic {periodic.name}"
        repeats = MAY_REPEAT.get(name, "")
        yield Scenario(name, PERIODIC[periodic.name], _follows(periodic.name), may_repeat=repeats)
    for task in (each for each in wiring.TASKS if each.name in TASKS):
        yield Scenario(f"task {task.name}", TASKS[task.name], _follows(task.name))

    yield Scenario(
        "task notifications.send_due, by a server", on_mail.by_server, [on_mail.SWEEP], judge=on_mail.judge_server
    )


def _scenario(name: str, stage: calls.Stage, path: str, again: frozenset[str]) -> Scenario:
    return Scenario(
        name,
        stage,
        _follows(path),
        again,
        MAY_REPEAT.get(name, ""),
        is_in_steps=name in IN_STEPS,
        leaves_nothing=name in READS,
        leads=on_carts.LEADS.get(name),
        but_for=BUT_FOR.get(name, frozenset()),
    )


def _follows(name: str) -> list[tuple[str, str]]:
    if name in on_mail.SENDING:
        return [on_mail.SWEEP]
    moves_money = any(word in name for word in ("payment", "refund")) or name.endswith("/checkout")
    return [SWEEP] if moves_money or name.startswith("/in/") else []


def _again(name: str) -> frozenset[str]:
    return frozenset({AGAIN[name]} if name in AGAIN else ())


def writes(client: web_client.Client) -> set[tuple[str, str]]:
    """Return method and path of whatever is sent to change something, or changes something though it only asks."""
    sent = {(method, path) for method, path, _ in crossing.routes(client)}
    return {(method, path) for method, path in sent if method != "GET" or (method, path) in on_paying.CALLS}
