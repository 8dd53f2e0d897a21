"""The promotions of the draft: their list with what each says, and the editor of one."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple, get_args
from uuid import UUID

import babel.dates
from litestar import Response, get, post

from jiedan.accounts import queries as accounts
from jiedan.base import i18n
from jiedan.base.db import ReadTx, Tx
from jiedan.base.i18n import N_
from jiedan.base.web import forms, pages
from jiedan.base.web.forms import Filled
from jiedan.base.web.unit import Unit
from jiedan.console import endings
from jiedan.console.prices import carts, examples, names, people, promotion_form, promotion_shown, standing
from jiedan.console.prices.kinds import PLACE_BY_KIND
from jiedan.console.prices.people import Fitting
from jiedan.console.prices.promotion_form import Kind, PromotionForm, SentPromotion
from jiedan.console.prices.reading import Reading
from jiedan.console.prices.shown import Failures, failures_of, how_of, remove, row_count, save
from jiedan.console.words import Sign
from jiedan.pricing import queries, service
from jiedan.pricing.rules import wording
from jiedan.pricing.values.drafts import DraftRule, RuleId
from jiedan.pricing.values.promotions import Operator, Promotion

ROWS_MORE = 3
ROWS = "rows"

KINDS: Mapping[Kind, str] = MappingProxyType(
    {
        "percent_off": N_("Percentage off"),
        "amount_off": N_("Amount off"),
        "fixed_price": N_("Fixed price"),
        "steps": N_("Spend more, save more"),
        "buy_get": N_("Buy some, get some"),
        "bundle": N_("Set at one price"),
        "gift": N_("Gift"),
        "shipping_off": N_("Cheaper or free shipping"),
    }
)

HINTS: Mapping[Kind, str] = MappingProxyType(
    {
        "percent_off": N_("20% off a category, or off the whole order"),
        "amount_off": N_("5.00 off each unit, each line or once per order"),
        "fixed_price": N_("A flash sale: everything for 9.90"),
        "steps": N_("30 off from 300 on, 80 off from 600 on; or 30 off for every 300"),
        "buy_get": N_("Buy 3, get 1 free; the second at half the price"),
        "bundle": N_("A cup and a tea together for 88"),
        "gift": N_("A gift with the purchase, chosen among several"),
        "shipping_off": N_("Free shipping from an amount on"),
    }
)


class Row(NamedTuple):
    """A promotion in the list; without a rule it is published and no longer in the draft."""

    promotion: Promotion
    says: str
    sign: Sign
    rule: DraftRule | None
    changed_by: str = ""


class Rows(NamedTuple):
    """How many rows each table of the form has."""

    steps: int
    slots: int
    hours: int
    tests: int


@get("/prices", permission="prices:read")
async def promotions_page(unit: Unit) -> Response[str]:
    """Show what the draft offers, in sentences, and how each stands to what is published."""
    async with unit.read() as tx:
        last, rules = await tx.load(queries.last_book(), queries.draft_rules())
        changes = standing.changes_of(rules, last)
        mine = [(rule, rule.body) for rule in rules if isinstance(rule.body, Promotion)]
        gone = [
            change.before.body
            for change in changes.values()
            if change.change == "removed" and change.before is not None and isinstance(change.before.body, Promotion)
        ]
        reader = await names.reader(tx, unit, [*[body for _, body in mine], *gone])
        actors = await tx.load_one(accounts.actor_names({rule.changed_by for rule, _ in mine}))
        rows = [
            Row(
                body,
                wording.promotion(body, reader),
                standing.sign_of(body, changes.get(rule.key), at=tx.now),
                rule,
                actors[rule.changed_by],
            )
            for rule, body in sorted(mine, key=lambda each: (each[1].priority, each[1].id))
        ]
    rows += [Row(body, wording.promotion(body, reader), standing.REMOVED, None) for body in gone]
    return pages.render(unit, "console/promotions.html", rows=rows, unpublished=len(changes))


@get("/prices/promotions/new", permission="prices:write")
async def new_promotion_page(unit: Unit) -> Response[str]:
    """Ask what kind of promotion it shall be; or show its empty form."""
    kind = unit.request.query_params.get("kind", "")
    if kind not in KINDS:
        return pages.render(unit, "console/promotion_kinds.html", kinds=KINDS, hints=HINTS)
    return await _editor(unit, forms.empty(unit, kind=kind, repeats="1" if kind == "buy_get" else None), None)


@post("/prices/promotions/new", permission="prices:write")
async def create_promotion(unit: Unit) -> Response[str]:
    """Add a promotion to the draft; or show the form with more rows."""
    return await _saved(unit, await forms.read(unit, SentPromotion), None)


@get("/prices/promotions/{rule_id:uuid}", permission="prices:read")
async def promotion_page(unit: Unit, rule_id: UUID) -> Response[str]:
    """Show a promotion of the draft, and what its examples come to."""
    async with unit.read() as tx:
        rule = await queries.draft_rule(tx, rule_id=RuleId(rule_id))
    if not isinstance(rule.body, Promotion):
        place = PLACE_BY_KIND.get(rule.kind)
        return pages.redirect(unit, f"/prices/rules/{place}/{rule_id}" if place else "/prices/publish")
    how = how_of(unit)
    raw = promotion_shown.raw_of(rule.body, how)
    form = forms.empty(unit, version=rule.version)
    form.raw = {**form.raw, **raw, **examples.raw_of(rule.examples, how)}
    return await _editor(unit, form, rule)


@post("/prices/promotions/{rule_id:uuid}", permission="prices:write")
async def save_promotion(unit: Unit, rule_id: UUID) -> Response[str]:
    """Change a promotion of the draft; or show the form with more rows."""
    return await _saved(unit, await forms.read(unit, SentPromotion), RuleId(rule_id))


@post("/prices/promotions/{rule_id:uuid}/removal", permission="prices:write")
async def remove_promotion(unit: Unit, rule_id: UUID) -> Response[str]:
    """Take a promotion out of the draft; orders go on by it until the draft is published."""
    form, undo = await remove(unit, RuleId(rule_id))
    if endings.is_refused(form):
        return await _shown_again(unit, form, RuleId(rule_id))
    return pages.redirect(unit, "/prices", flash=N_("The promotion was removed from the draft."), undo=undo)


async def _saved(unit: Unit, form: Filled[PromotionForm], rule_id: RuleId | None) -> Response[str]:
    fitting = await people.named(unit, form)
    sent, how = form.value, how_of(unit)
    if sent is None or sent.action in {ROWS, people.FIND}:
        more = ROWS_MORE if form.text("action") == ROWS else 0
        return await _shown_again(unit, form, rule_id, more=more, fitting=fitting)

    async def work(tx: Tx) -> DraftRule:
        reading = Reading(how, form.raw)
        proofs = examples.examples_of(reading)
        body = promotion_form.promotion_of(form, sent, how, reading.reasons)
        return await _written(tx, rule_id, body, proofs, sent.version)

    saved = await save(unit, form, work, lambda field: _place_of(field, sent.kind))
    if saved is None:
        return await _shown_again(unit, form, rule_id)
    return pages.redirect(
        unit, f"/prices/promotions/{saved.rule_id}", flash=N_("The draft was saved. Orders go on as published.")
    )


async def _written(
    tx: Tx, rule_id: RuleId | None, body: Promotion, proofs: Sequence[Any], version: int | None
) -> DraftRule:
    if rule_id is None:
        return await service.create_rule(tx, kind="promotion", body=body, examples=proofs)
    return await service.change_rule(tx, rule_id=rule_id, body=body, examples=proofs, expected_version=version)


def _place_of(field: str, kind: str) -> str:
    """Return the input that shows what is wrong with a field; the code of a promotion is its id."""
    return promotion_form.place_of("id" if field == "code" else field, kind)


async def _shown_again(
    unit: Unit, form: Filled[Any], rule_id: RuleId | None, *, more: int = 0, fitting: Fitting | None = None
) -> Response[str]:
    rule = None
    if rule_id is not None:
        async with unit.read() as tx:
            rule = await queries.draft_rule(tx, rule_id=rule_id)
    return await _editor(unit, form, rule, more=more, fitting=fitting)


async def _editor(
    unit: Unit, form: Filled[Any], rule: DraftRule | None, *, more: int = 0, fitting: Fitting | None = None
) -> Response[str]:
    """Show the editor; of a promotion as it is stored, also what it says and what speaks against publishing it."""
    if form.text("kind") not in KINDS:
        form.raw = {**form.raw, "kind": ["percent_off"]}
    async with unit.read() as tx:
        shown = await _stored(tx, unit, rule) if rule is not None else _Stored()
        present = await tx.load_one(queries.draft_rules())
        choices = await carts.choices(tx, unit, [found.body for found in present], form.raw, fitting or {})
    weekdays = babel.dates.get_day_names("abbreviated", locale=i18n.BABEL_BY_LOCALE[unit.locale])
    is_as_stored = rule is not None and form.status == forms.OK_STATUS and not more and fitting is None
    return pages.render(
        unit,
        "console/promotion.html",
        form=form,
        rule=rule,
        kinds=KINDS,
        says=shown.says,
        sign=shown.sign,
        problems=shown.failures.others if is_as_stored else (),
        results=shown.failures.examples if is_as_stored else (),
        rows=_rows(form, more),
        weekdays=[str(weekdays[day]) for day in range(7)],
        operators=get_args(Operator),
        cases=examples.shown(form, more=bool(more)),
        choices=choices,
        locations=choices.locations,
        amounts_hint=i18n.gettext(unit.locale, N_("Like 20, or 20 CNY, 3 USD.")),
        more_open=bool(_MORE & {name for name, texts in form.raw.items() if any(texts)}),
    )


_MORE = frozenset({
    "hours", "hours_from", "hours_until", "hours_day", "countries", "payment_methods", "payment_terms", "customers",
    "customers_find", "earlier_min", "earlier_max", "counted_any", "counted_all", "counted_none", "tests", "test_name",
    "expression",
})  # fmt: skip
"""Inputs of conditions that are folded away while nothing is in them."""


class _Stored(NamedTuple):
    """What is told of a promotion as it is stored."""

    says: str = ""
    sign: Sign | None = None
    failures: Failures = Failures([], ())


async def _stored(tx: ReadTx, unit: Unit, rule: DraftRule) -> _Stored:
    if not isinstance(rule.body, Promotion):
        return _Stored()
    last, rules = await tx.load(queries.last_book(), queries.draft_rules())
    reader = await names.reader(tx, unit, [rule.body])
    change = standing.changes_of(rules, last).get(rule.key)
    sign = standing.sign_of(rule.body, change, at=tx.now)
    failures = await failures_of(tx, unit, rule.key, len(rule.examples))
    return _Stored(wording.promotion(rule.body, reader), sign, failures)


def _rows(form: Filled[Any], more: int) -> Rows:
    """Return how many rows the tables show."""
    return Rows(
        row_count(form, more, "step_from", "step_off"),
        row_count(form, more, "slot_goods"),
        row_count(form, more, "hours_from", "hours_until"),
        row_count(form, more, "test_name", "test_values"),
    )


HANDLERS: tuple[Any, ...] = (
    promotions_page,
    new_promotion_page,
    create_promotion,
    promotion_page,
    save_promotion,
    remove_promotion,
)
