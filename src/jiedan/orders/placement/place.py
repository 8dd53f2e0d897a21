"""Place drafts: claim their keys and read, decide, lock, decide again, save; one outcome per draft."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from uuid import UUID

from jiedan.accounts import queries as accounts
from jiedan.base import idempotency, turns
from jiedan.base.db import ReadTx, Tx
from jiedan.base.errors import Overtaken, Refusal
from jiedan.carts import errors as cart_errors
from jiedan.catalog.values import SkuId
from jiedan.inventory import queries as inventory
from jiedan.inventory.values import LocationId, StockKey
from jiedan.orders import errors
from jiedan.orders.placement import load, paying
from jiedan.orders.placement.load import Arrived
from jiedan.orders.placement.promising import Promising, leaving
from jiedan.orders.placement.save import save
from jiedan.orders.rules import by_hand, placing, quoting, refusing
from jiedan.orders.rules import drafts as checking
from jiedan.orders.rules.askable import Known
from jiedan.orders.rules.planning import Circumstances, Key, Plan
from jiedan.orders.values import (
    DRAFTS_PER_BATCH_MAX,
    AlreadyPlaced,
    Approval,
    Draft,
    DraftRef,
    OrderId,
    Outcome,
    Placed,
    Rejected,
    Tendered,
)
from jiedan.pricing.rules import QuoteRules
from jiedan.pricing.service import redemptions
from jiedan.pricing.values.redemptions import Use

Record = Callable[[Tx, Sequence[Tendered]], Awaitable[Mapping[OrderId, Placed]]]
"""Records as payments what orders were paid with out of wallets, and returns these orders as they are then."""


async def place_orders(
    tx: Tx,
    drafts: Sequence[Draft],
    *,
    record: Record | None = None,
    promising: Promising | None = None,
    are_alone: bool = False,
) -> list[Outcome]:
    """Place drafts: one outcome per draft, in order, earlier drafts first. A refusal names every reason.

    What wallets pay is told to `record`, in this transaction; without it, who asks for wallets is refused. Whoever is
    `promising` says when what is allocated whole arrives; without them it is promised later. Drafts that `are_alone` in
    the transaction leave nothing in it where none becomes an order. Raises TooManyDrafts, and Overtaken when another
    transaction did the same meanwhile: run again, the batch sees what the other did.
    """
    if not 1 <= len(drafts) <= DRAFTS_PER_BATCH_MAX:
        raise errors.TooManyDrafts(len(drafts), DRAFTS_PER_BATCH_MAX)
    order_ids = [OrderId(order_id) for order_id in tx.new_ids(len(drafts))]
    claims = [
        idempotency.Claim(draft.caller, draft.key, draft.fingerprint, order_id)
        for draft, order_id in zip(drafts, order_ids, strict=True)
    ]
    arrived = await load.arrive(tx, drafts, claims, *(promising.loads() if promising is not None else ()))
    batch = _Batch(drafts, order_ids, arrived)
    held = await _decide(tx, batch, arrived.circumstances)
    if are_alone and not batch.plans():
        tx.leave_nothing()  # the keys that were claimed are as free as if they had been given back
        return batch.told({})
    short = await _afford(tx, batch, is_taken=record is not None)
    paid_by_wallets = len(paying.payings_of(batch.plans()))
    await _redeem(tx, batch, arrived.circumstances.prices)
    if short and len(paying.payings_of(batch.plans())) < paid_by_wallets:
        await _let_try_again(tx, batch, short)
    tendered = await paying.pay(tx, batch.plans())
    refused = [claims[i] for i in batch.fresh if not isinstance(batch.outcomes.get(i), Plan)]
    plans = batch.plans()
    approvals = await _approvals(tx, plans, arrived.circumstances.prices.rules)
    settings = arrived.circumstances.settings
    promises = promising.promise(arrived.beside, tx.now, settings.time_zone, leaving(plans)) if promising else {}
    placed = await save(tx, plans, settings, refused, held, approvals=approvals, promises=promises)
    paid = await record(tx, tendered) if record is not None and tendered else {}
    return batch.told({order.order_id: paid.get(order.order_id, order) for order in placed})


async def preview_orders(tx: ReadTx, drafts: Sequence[Draft]) -> list[Plan | Rejected]:
    """Return what `drafts` would become right now, without promising anything. A refusal names every reason.

    Earlier ones take first, as when they are placed.
    """
    refused = {i: reasons for i, draft in enumerate(drafts) if (reasons := checking.check(draft.body, now=tx.now))}
    bodies = [draft.body for i, draft in enumerate(drafts) if _may_be_looked_up(refused.get(i, ()))]
    if not bodies:
        return [Rejected(refused[i]) for i in range(len(drafts))]
    circumstances = await load.look(tx, bodies)
    plans = iter(placing.plan_all([draft for i, draft in enumerate(drafts) if i not in refused], circumstances))
    return [
        _refusal(draft, refused[i], circumstances) if i in refused else next(plans) for i, draft in enumerate(drafts)
    ]


def _may_be_looked_up(known: Sequence[Refusal]) -> bool:
    return not any(isinstance(reason, errors.TooManyLines) for reason in known)


def _refusal(draft: Draft, known: tuple[Refusal, ...], circumstances: Circumstances) -> Rejected:
    """Return all that speaks against a draft that is refused for `known`; it takes nothing from the others."""
    if not _may_be_looked_up(known):
        return Rejected(known)
    body = refusing.readable(draft.body, circumstances.settings.country)
    (plan,) = placing.plan_all([draft._replace(body=body)], circumstances)
    found = plan.reasons if isinstance(plan, Rejected) else ()
    return Rejected(refusing.all_of(known, (*found, *refusing.unknown_cards(draft))))


async def _approvals(tx: Tx, plans: Sequence[tuple[OrderId, Plan]], rules: QuoteRules) -> Mapping[OrderId, Approval]:
    """Return what of the prices by hand somebody must approve; no statement where nobody is limited.

    What happened elsewhere was agreed on there.
    """
    asked = [
        (order_id, plan)
        for order_id, plan in (plans if rules.manual_limits else ())
        if plan.draft.body.history is None and by_hand.is_by_hand(plan.lines)
    ]
    if not asked:
        return {}
    roles = await tx.load_one(accounts.roles_of({plan.draft.actor for _, plan in asked}))
    found = {
        order_id: by_hand.beyond(plan.lines, rules.manual_limits, roles.get(plan.draft.actor))
        for order_id, plan in asked
    }
    return {order_id: approval for order_id, approval in found.items() if approval is not None}


async def _decide(tx: Tx, batch: "_Batch", circumstances: Circumstances) -> Mapping[UUID, Mapping[Key, int]]:
    """Decide by the snapshot, lock what was chosen, decide once more by what the locked rows say.

    Returns what the carts of the drafts hold, read under the locks: the sweep may have been quicker.
    """
    each = placing.plan_each([batch.drafts[i] for i in batch.open], circumstances)
    batch.outcomes.update(zip(batch.open, await turns.taken(each), strict=True))
    planned = {i: plan for i, plan in batch.outcomes.items() if isinstance(plan, Plan)}
    plans = list(planned.values())
    keys = placing.keys_to_lock(plans, circumstances)
    if keys:
        rows = await inventory.lock_stock(tx, [StockKey(SkuId(sku), LocationId(place)) for sku, place in keys])
        held = await load.held_by(tx, circumstances.held.keys())
        circumstances = circumstances._replace(held=_within(keys, held))
        locked: dict[Key, int] = {(key.sku_id, key.location_id): row.available for key, row in rows.items()}
        settled = placing.settle(plans, circumstances, locked)
        if placing.fits_elsewhere(plans, settled, circumstances, locked):
            raise Overtaken
        batch.outcomes.update(zip(planned, settled, strict=True))
    return circumstances.held


async def _afford(tx: Tx, batch: "_Batch", *, is_taken: bool) -> list[tuple[OrderId, Plan]]:
    """Refuse the plans that wallets cannot pay as they ask, before promotions and codes are used, and return them."""
    plans = batch.plans()
    for order_id, plan in plans:
        if plan.draft.body.wallets and not is_taken:
            batch.refuse(order_id, (errors.WalletsNotTaken(field="wallets"),))
    refused = paying.refused(await paying.payable(tx, batch.plans()))
    for order_id, reasons in refused.items():
        batch.refuse(order_id, reasons)
    return [(order_id, plan) for order_id, plan in plans if order_id in refused]


async def _let_try_again(tx: Tx, batch: "_Batch", short: Sequence[tuple[OrderId, Plan]]) -> None:
    """Tell those whose wallets were short only beside orders that promotions refused since that they may try again."""
    still = paying.refused(await paying.payable(tx, [*batch.plans(), *short]))
    for order_id, _ in short:
        if order_id not in still:
            batch.refuse(order_id, (Overtaken(),))


async def _redeem(tx: Tx, batch: "_Batch", known: Known) -> None:
    """Use what the plans use of limited promotions and codes; a plan that comes too late is refused, naming it.

    Whoever orders agreed to a price that the counters no longer give: it is not changed behind their back. Asked for
    again, the order is priced without what is gone.
    """
    names: dict[str, str] = {}
    uses: list[Use] = []
    for order_id, plan in batch.plans():
        if plan.price_story.applied:
            names.update((one.promotion, one.name) for one in plan.price_story.applied)
            header = plan.header
            buyer = None if header.customer_id is None else known.buyers.get(header.customer_id)
            uses += quoting.uses_of(order_id, plan.price_story, header.currency, buyer, known.rules.needs)
    refused: dict[OrderId, list[Refusal]] = {}
    for outcome in await redemptions.redeem_many(tx, uses=uses):
        if outcome.code not in {"redeemed", "left_out"}:
            told = quoting.refusal_of(outcome, names[outcome.use.promotion])
            refused.setdefault(OrderId(outcome.use.order_id), []).append(told)
    for order_id, reasons in refused.items():
        batch.refuse(order_id, tuple(reasons))


def _within(keys: set[Key], held: Mapping[UUID, Mapping[Key, int]]) -> Mapping[UUID, Mapping[Key, int]]:
    """Return what carts hold at the locked counters alone."""
    return {cart_id: {key: units for key, units in of.items() if key in keys} for cart_id, of in held.items()}


def _not_as_saved(saved: DraftRef, arrived: Arrived) -> Refusal | None:
    """Return why a saved draft cannot become this order: it is gone, an order already, or changed."""
    found = arrived.saved.get(saved.draft_id)
    if found is None:
        return errors.DraftNotFound(str(saved.draft_id))
    version, number = found
    if number is not None:
        return errors.DraftAlreadyPlaced(number)
    return Overtaken() if saved.version not in {None, version} else None


def _of_one_order(draft: Draft) -> list[tuple[str, ...]]:
    """Return what a draft has that no two orders have: the saved draft and the cart it comes from, its external id."""
    body = draft.body
    things: list[tuple[str, ...]] = []
    if draft.saved is not None:
        things.append(("draft", str(draft.saved.draft_id)))
    if body.cart_id is not None:
        things.append(("cart", str(body.cart_id)))
    if body.external_id is not None:
        things.append(("external id", body.channel, body.external_id))
    return things


def _beaten(draft: Draft, rival: Draft, outcome: Outcome) -> Rejected:
    """Return the refusal of a draft that has something of one order with `rival`, which was decided first."""
    if not isinstance(outcome, Placed):
        return Rejected((Overtaken(),))  # what both wanted is there still: it may be tried again
    kind = next(thing for thing in _of_one_order(draft) if thing in _of_one_order(rival))[0]
    if kind == "draft":
        return Rejected((errors.DraftAlreadyPlaced(outcome.number),))
    if kind == "cart":
        return Rejected((cart_errors.CartOrdered(field="cart_id"),))
    return _external_id_taken(draft, outcome)


def _external_id_taken(draft: Draft, order: Placed) -> Rejected:
    external_id = draft.body.external_id or ""
    return Rejected((errors.ExternalIdTaken(draft.body.channel, external_id, order.number, field="external_id"),))


class _Batch:
    """Which drafts are open, which repeat another one or want what it wants, and what became of each."""

    def __init__(self, drafts: Sequence[Draft], order_ids: Sequence[OrderId], arrived: Arrived) -> None:
        self.drafts = drafts
        self.order_ids = order_ids
        self.fresh: list[int] = []
        self.open: list[int] = []
        self.outcomes: dict[int, Plan | Rejected | AlreadyPlaced] = {}
        self._repeats: dict[int, int] = {}
        self._rivals: dict[int, int] = {}
        self._firsts: dict[tuple[str, ...], int] = {}
        for i, verdict in enumerate(arrived.verdicts):
            if isinstance(verdict, idempotency.Reused):
                self.outcomes[i] = Rejected((idempotency.KeyReused(drafts[i].key, field="Idempotency-Key"),))
            elif isinstance(verdict, idempotency.Fresh):
                self.fresh.append(i)
                self._enter(i, arrived)
            elif verdict.repeats is not None:
                self._repeats[i] = verdict.repeats
            else:
                self.outcomes[i] = AlreadyPlaced(arrived.by_id[OrderId(verdict.subject_id)].order)

    def plans(self) -> list[tuple[OrderId, Plan]]:
        """Return what is to become an order as far as is decided, earlier drafts first."""
        return [(self.order_ids[i], x) for i, x in sorted(self.outcomes.items()) if isinstance(x, Plan)]

    def refuse(self, order_id: OrderId, reasons: tuple[Refusal, ...]) -> None:
        """Let a plan not become its order."""
        self.outcomes[self.order_ids.index(order_id)] = Rejected(reasons)

    def _enter(self, i: int, arrived: Arrived) -> None:
        """Let a draft with a fresh key in, unless its caller is gone or what it has of one order is another's."""
        draft = self.drafts[i]
        if draft.credential_id is not None and draft.credential_id not in arrived.alive:
            self.outcomes[i] = Rejected((errors.CredentialRevoked(),))
            return
        if draft.saved is not None and (refusal := _not_as_saved(draft.saved, arrived)) is not None:
            self.outcomes[i] = Rejected((refusal,))
            return
        known = arrived.by_external.get((draft.body.channel, draft.body.external_id or ""))
        if known is not None:
            is_same = known.fingerprint == draft.fingerprint
            self.outcomes[i] = AlreadyPlaced(known.order) if is_same else _external_id_taken(draft, known.order)
            return
        things = _of_one_order(draft)
        first = next((self._firsts[thing] for thing in things if thing in self._firsts), None)
        if first is None:
            self.open.append(i)
            self._firsts.update(dict.fromkeys(things, i))
        elif draft.body.external_id is not None and self.drafts[first].fingerprint == draft.fingerprint:
            self._repeats[i] = first
        else:
            self._rivals[i] = first

    def told(self, placed: dict[OrderId, Placed]) -> list[Outcome]:
        """Return the outcome of each draft; one that repeats another shares its fate, a rival's depends on it."""
        outcomes: list[Outcome] = []
        for i in range(len(self.drafts)):
            known = self.outcomes.get(i)
            if i in self._repeats:
                first = outcomes[self._repeats[i]]
                outcomes.append(AlreadyPlaced(first) if isinstance(first, Placed) else first)
            elif i in self._rivals:
                first_at = self._rivals[i]
                outcomes.append(_beaten(self.drafts[i], self.drafts[first_at], outcomes[first_at]))
            elif isinstance(known, Plan) or known is None:
                outcomes.append(placed[self.order_ids[i]])
            else:
                outcomes.append(known)
        return outcomes
