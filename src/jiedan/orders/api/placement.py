"""REST of placement: one order, a batch, a preview."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

import msgspec
from litestar import Response, post

from jiedan.base import i18n, idempotency
from jiedan.base.errors import Refusal, reasons_of
from jiedan.base.web import bodies, problems
from jiedan.base.web.unit import Unit
from jiedan.orders import errors, service
from jiedan.orders.api import tries
from jiedan.orders.api.shapes import MethodOffer, OrderedLine, OrderTaxView, method_offers, tax_view
from jiedan.orders.rules.planning import Plan
from jiedan.orders.values import (
    DRAFTS_PER_BATCH_MAX,
    AlreadyPlaced,
    Draft,
    NewOrder,
    Outcome,
    Placed,
    Rejected,
)
from jiedan.orders.values.prices import PriceStory
from jiedan.pricing.values import TaxRow
from jiedan.sourcing.values import Trace as SourcingTrace
from jiedan.wallets import service as wallets
from jiedan.wallets.rules import Codes
from jiedan.wallets.values import Piece, WalletKind


class BatchDraft(bodies.Body):
    """One draft of a batch, under a key of its own."""

    order: NewOrder
    key: Annotated[str, msgspec.Meta(max_length=idempotency.KEY_CHARACTERS_MAX)] | None = None


class Batch(bodies.Body):
    """Drafts to place, earlier ones first."""

    __example__: ClassVar[dict[str, Any]] = {"drafts": [{"order": NewOrder.__example__, "key": "shop-1001"}]}

    drafts: list[BatchDraft]


class BatchOutcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one draft."""

    status: Literal["placed", "already_placed", "rejected"]
    order: Placed | None = None
    errors: list[problems.Reason] | None = None


class PreviewLine(OrderedLine, frozen=True):
    """One line as it would be placed, and how many of it would wait for stock."""

    waiting: int


class PreviewWallet(msgspec.Struct, frozen=True):
    """What a wallet would pay, and what would be left in it; `place` counts the `wallets` that were sent from 0.

    Of points, `points` are how many pay it and `left_points` how many are left; `left_minor` is null then.
    """

    place: int
    kind: WalletKind
    last_four: str | None
    amount_minor: int
    left_minor: int | None
    points: int | None = None
    left_points: int | None = None


class Preview(msgspec.Struct, frozen=True):
    """What an order would be right now, and why; nothing is promised.

    `taxes` is the tax table, whose rows sum to `tax_minor`; `tax` is what the customer has to show, and what comes of
    it, missing without a customer. `shipping` are the
    methods to choose from, `shipping_method` is the one that is taken. One that
    `needs_approval` would stand on hold: more is taken off by hand than the caller's role may.
    """

    currency: str
    total_minor: int
    tax_minor: int
    taxes: tuple[TaxRow, ...]
    tax_included: bool
    allocated: int
    waiting: int
    tax: OrderTaxView | None
    lines: list[PreviewLine]
    shipping_method: str | None
    shipping: list[MethodOffer]
    prices: PriceStory
    sourcing: SourcingTrace | None
    wallets: list[PreviewWallet]
    due_minor: int
    needs_approval: bool


def _admit(unit: Unit) -> None:
    """Raise QueueFull before an order is read, where it would only wait too long."""
    unit.part(service.OrderDesk).check_room(unit.scope.tenant)


@post(
    "/orders",
    permission="orders:write",
    idempotent=True,
    again=200,
    short=True,
    admit=_admit,
    summary="Place an order",
)
async def place_order(unit: Unit, data: NewOrder) -> Response[Placed]:
    """Place one order: 201 when it is new, 200 when the same was placed before."""
    require_rights(unit, data)
    await tries.of(unit).admit([data])
    wish = service.wish_of(data, unit.principal.credential_id, cards=await cards_of(unit, [data]))
    try:
        placed, is_new = await unit.part(service.OrderDesk).place(
            unit.scope, wish, caller=unit.principal.caller, key=unit.idempotency_key
        )
    except Refusal as refusal:
        await tries.of(unit).count_wrong(reasons_of(refusal))
        raise
    headers = {"Location": f"/api/v1/orders/{placed.order_id}"}
    return Response(placed, status_code=201 if is_new else 200, headers=headers)


@post("/orders/batch", permission="orders:write", status_code=200, summary="Place up to 200 orders")
async def place_orders(unit: Unit, data: Batch) -> list[BatchOutcome]:
    """Place drafts: one outcome each, in order; those that are refused do not stop the others."""
    if not 1 <= len(data.drafts) <= DRAFTS_PER_BATCH_MAX:
        raise errors.TooManyDrafts(len(data.drafts), DRAFTS_PER_BATCH_MAX, field="drafts")
    credential_id = unit.principal.credential_id
    for i, draft in enumerate(data.drafts):
        require_rights(unit, draft.order)
        if draft.key is not None:
            idempotency.check_key(draft.key, field=f"drafts[{i}].key")
    await tries.of(unit).admit([draft.order for draft in data.drafts])
    cards = await cards_of(unit, [draft.order for draft in data.drafts])
    wishes = [(service.wish_of(draft.order, credential_id, cards=cards), draft.key or "") for draft in data.drafts]
    outcomes = await unit.part(service.OrderDesk).place_many(unit.scope, wishes, caller=unit.principal.caller)
    await tries.of(unit).count_wrong([reason for x in outcomes if isinstance(x, Rejected) for reason in x.reasons])
    locale = unit.locale
    return [_outcome(outcome, f"drafts[{i}].order", locale) for i, outcome in enumerate(outcomes)]


@post("/orders/preview", permission="orders:read", status_code=200, summary="Preview an order")
async def preview_order(unit: Unit, data: NewOrder) -> Preview:
    """Say what an order would cost and where it would come from, right now; promises nothing."""
    require_rights(unit, data)
    await tries.of(unit).admit([data])
    cards = await cards_of(unit, [data])
    draft = Draft(data, 0, unit.principal.actor, unit.request_id, unit.principal.caller, "", b"", cards=cards)
    async with unit.read() as tx:
        (plan,) = await service.preview_orders(tx, [draft])
        if not isinstance(plan, Rejected):
            pieces = await service.previewed(tx, plan)
            approval = await service.approval_of(tx, lines=plan.lines, actor=unit.principal.actor)
            return _preview(plan, pieces, needs_approval=approval is not None and data.history is None)
    await tries.of(unit).count_wrong(plan.reasons)
    raise service.refusal_of(plan)


def require_rights(unit: Unit, body: NewOrder) -> None:
    """Raise PermissionMissing when `body` says what only some may say: prices by hand, history, a customer's wallets.

    A gift card needs nothing more than its code.
    """
    by_hand = (body.discount, body.shipping_minor, body.shipping_tax_minor)
    if any(x is not None for x in by_hand) or any(line.unit_price_minor is not None for line in body.lines):
        unit.require("orders:price")
    if body.history is not None:
        unit.require("orders:import")
    if any(use.code is None for use in body.wallets):
        unit.require("wallets:write")


async def cards_of(unit: Unit, bodies: Iterable[NewOrder]) -> Mapping[str, UUID]:
    """Return the gift cards of the codes that are to pay; no statement without codes. Raises CardLookUpsThrottled."""
    typed = {use.code for body in bodies for use in body.wallets if use.code is not None}
    if not typed:
        return {}
    codes = Codes(*unit.runtime.settings.code_secrets())
    caller, network = unit.principal.caller, unit.network
    found = await unit.write(lambda tx: wallets.try_cards(tx, codes=codes, typed=typed, caller=caller, network=network))
    if isinstance(found, Refusal):
        found.field = "wallets"
        raise found
    return found


def _outcome(outcome: Outcome, place: str, locale: str) -> BatchOutcome:
    if isinstance(outcome, Placed):
        return BatchOutcome("placed", outcome)
    if isinstance(outcome, AlreadyPlaced):
        return BatchOutcome("already_placed", outcome.order)
    return BatchOutcome("rejected", errors=[_reason(reason, place, locale) for reason in outcome.reasons])


def _reason(reason: Refusal, place: str, locale: str) -> problems.Reason:
    if isinstance(reason, idempotency.KeyReused):
        field = f"{place.removesuffix('.order')}.key"
    else:
        field = f"{place}.{reason.field}" if reason.field else place
    return problems.Reason(reason.code, i18n.say(locale, reason), field, dict(reason.data()) or None)


def _preview(plan: Plan, pieces: Sequence[Piece], *, needs_approval: bool) -> Preview:
    missing = plan.choice.missing
    taken = None if plan.method is None else plan.method.code
    return Preview(
        currency=plan.header.currency,
        total_minor=plan.total_minor,
        tax_minor=plan.tax_minor,
        taxes=plan.taxes,
        tax_included=plan.tax_included,
        allocated=plan.allocated,
        waiting=plan.waiting,
        tax=tax_view(plan.tax),
        lines=[
            PreviewLine(
                line=line.line,
                kind=line.kind,
                parent_line=line.parent_line,
                code=line.code,
                name=line.name,
                quantity=line.ordered,
                unit_minor=line.unit_minor,
                discount_minor=line.discount_minor,
                relief_minor=line.relief_minor,
                tax_minor=line.tax_minor,
                total_minor=line.total_minor,
                price_source=line.price_source,
                attributes=line.attributes,
                waiting=missing.get(line.line, 0),
            )
            for line in plan.lines
        ],
        shipping_method=taken,
        shipping=method_offers(plan.offers, taken),
        prices=plan.price_story,
        sourcing=plan.sourcing_trace,
        wallets=[_preview_wallet(x) for x in pieces],
        due_minor=plan.total_minor - sum(x.amount for x in pieces),
        needs_approval=needs_approval,
    )


def _preview_wallet(piece: Piece) -> PreviewWallet:
    if piece.kind == WalletKind.points:
        return PreviewWallet(piece.place, piece.kind, None, piece.amount, None, piece.taken, piece.left)
    return PreviewWallet(piece.place, piece.kind, piece.last_four or None, piece.amount, piece.left)


HANDLERS: list[Any] = [place_order, place_orders, preview_order]
