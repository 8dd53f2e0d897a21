"""Rules beside promotions: taxes, price lists, shipping, formulas and more; a list and a form for each kind."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from litestar import Response, get, post

from jiedan.accounts import queries as accounts
from jiedan.base import i18n
from jiedan.base.db import ReadTx, Tx
from jiedan.base.i18n import N_
from jiedan.base.web import forms, pages
from jiedan.base.web.forms import Filled
from jiedan.base.web.unit import Unit
from jiedan.console import endings
from jiedan.console.prices import carts, editors, examples, kinds, names, people, standing
from jiedan.console.prices.examples import RuleForm
from jiedan.console.prices.kinds import RuleType
from jiedan.console.prices.people import NOBODY, Fitting
from jiedan.console.prices.reading import Reading
from jiedan.console.prices.shown import Failures, failures_of, how_of, remove, save
from jiedan.console.words import Sign
from jiedan.pricing import queries, service
from jiedan.pricing.errors.drafts import PriceRuleNotFound
from jiedan.pricing.rules import drafts, wording
from jiedan.pricing.values.drafts import RULE_TYPES, DraftRule, Rule, RuleChange, RuleId, RuleKey
from jiedan.pricing.values.examples import Example

SAVE = "save"
ROWS_SHOWN_MAX = 1_000

SIGNS: Mapping[str, Sign] = {"added": standing.ADDED, "changed": standing.CHANGED, "removed": standing.REMOVED}


class Row(NamedTuple):
    """A rule in its list; without a draft it is published and no longer in the draft."""

    says: str
    sign: Sign
    rule: DraftRule | None
    changed_by: str = ""


@get("/prices/rules/{place:str}", permission="prices:read")
async def rules_page(unit: Unit, place: str) -> Response[str]:
    """Show the rules of one kind in the draft, and how each stands to what is published."""
    of = _type_of(place)
    async with unit.read() as tx:
        last, present, settings = await tx.load(queries.last_book(), queries.draft_rules(), accounts.settings())
        changes = standing.changes_of(present, last)
        mine = [rule for rule in present if rule.kind == of.kind][:ROWS_SHOWN_MAX]
        actors = await tx.load_one(accounts.actor_names({rule.changed_by for rule in mine}))
        named = [customer for rule in mine for customer in getattr(rule.body, "customers", ())]
        reader = await names.reader(tx, unit, (), home=settings.country, also=named)
    rows = [
        Row(wording.rule(rule.key, rule.body, reader), _sign(changes.get(rule.key)), rule, actors[rule.changed_by])
        for rule in mine
    ]
    rows += [
        Row(wording.rule(change.key, change.before.body, reader), standing.REMOVED, None)
        for change in changes.values()
        if change.key.kind == of.kind and change.change == "removed" and change.before is not None
    ]
    return pages.render(
        unit,
        "console/price_rules.html",
        place=place,
        of=of,
        purpose=kinds.PURPOSES[place],
        rows=rows,
        unless=_unless(of, reader) if not rows else "",
        types=kinds.TYPES,
        unpublished=len(changes),
        may_add=not (of.is_once and mine),
    )


@get("/prices/tax-rates/file", permission="prices:read")
async def download_tax_rates(unit: Unit) -> Response[bytes]:
    """Send the tax rates of the draft as CSV, with the columns that an import takes."""
    async with unit.read() as tx:
        content = await queries.tax_rates_csv(tx)
    headers = {"content-disposition": 'attachment; filename="tax-rates.csv"'}
    return Response(content, media_type="text/csv", headers=headers)


def _type_of(place: str) -> RuleType:
    """Return the kind of rules that an address names. Raises PriceRuleNotFound."""
    of = kinds.TYPES.get(place)
    if of is None:
        raise PriceRuleNotFound(place)
    return of


def _unless(of: RuleType, reader: wording.Reader) -> str:
    """Return what counts of a kind that there is once while nobody has said anything; nothing of the others."""
    found = [body for body in drafts.DEFAULTS if isinstance(body, RULE_TYPES[of.kind])]
    return wording.rule(RuleKey(of.kind, ""), found[0], reader) if found else ""


def _sign(change: RuleChange | None) -> Sign:
    return standing.AS_PUBLISHED if change is None else SIGNS[change.change]


@get("/prices/rules/{place:str}/new", permission="prices:write")
async def new_rule_page(unit: Unit, place: str) -> Response[str]:
    """Show the empty form of a kind of rules."""
    of = _type_of(place)
    return await _editor(unit, of, forms.empty(unit, **{a.name: a.instead or None for a in of.inputs}), None)


@post("/prices/rules/{place:str}/new", permission="prices:write")
async def create_rule(unit: Unit, place: str) -> Response[str]:
    """Add a rule to the draft; or show the form with more rows."""
    of = _type_of(place)
    return await _saved(unit, of, await forms.read(unit, editors.editor_of(of).form), None)


@get("/prices/rules/{place:str}/{plain_rule_id:uuid}", permission="prices:read")
async def rule_page(unit: Unit, place: str, plain_rule_id: UUID) -> Response[str]:
    """Show a rule of the draft."""
    of = _type_of(place)
    async with unit.read() as tx:
        rule = await _rule(tx, of, plain_rule_id)
    how = how_of(unit)
    form = forms.empty(unit, version=rule.version)
    form.raw = {**form.raw, **editors.editor_of(of).raw_of(of, rule, how), **examples.raw_of(rule.examples, how)}
    return await _editor(unit, of, form, rule)


@post("/prices/rules/{place:str}/{plain_rule_id:uuid}", permission="prices:write")
async def save_rule(unit: Unit, place: str, plain_rule_id: UUID) -> Response[str]:
    """Change a rule of the draft; or show the form with more rows."""
    of = _type_of(place)
    return await _saved(unit, of, await forms.read(unit, editors.editor_of(of).form), plain_rule_id)


@post("/prices/rules/{place:str}/{plain_rule_id:uuid}/removal", permission="prices:write")
async def remove_rule(unit: Unit, place: str, plain_rule_id: UUID) -> Response[str]:
    """Take a rule out of the draft; orders go on by it until the draft is published."""
    of = _type_of(place)
    form, undo = await remove(unit, RuleId(plain_rule_id))
    if endings.is_refused(form):
        return await _shown_again(unit, of, form, plain_rule_id)
    return pages.redirect(unit, f"/prices/rules/{place}", flash=N_("The rule was removed from the draft."), undo=undo)


async def _rule(tx: ReadTx, of: RuleType, rule_id: UUID) -> DraftRule:
    """Return a rule of a kind. Raises PriceRuleNotFound."""
    rule = await queries.draft_rule(tx, rule_id=RuleId(rule_id))
    if rule.kind != of.kind:
        raise PriceRuleNotFound(str(rule_id))
    return rule


async def _saved(unit: Unit, of: RuleType, form: Filled[RuleForm], rule_id: UUID | None) -> Response[str]:
    fitting = await people.named(unit, form)
    sent = form.value
    if sent is None or sent.action != SAVE:
        action = "" if sent is None else sent.action
        return await _shown_again(unit, of, form, rule_id, action=action, fitting=fitting)
    reading = Reading(how_of(unit), form.raw)
    proofs = examples.examples_of(reading)
    saved = await save(unit, form, lambda tx: _written(tx, of, sent, reading, proofs, rule_id), _place_of)
    if saved is None:
        return await _shown_again(unit, of, form, rule_id)
    place = kinds.PLACE_BY_KIND[of.kind]
    return pages.redirect(
        unit, f"/prices/rules/{place}/{saved.rule_id}", flash=N_("The draft was saved. Orders go on as published.")
    )


async def _written(  # noqa: PLR0917 - what a form brings
    tx: Tx, of: RuleType, sent: RuleForm, reading: Reading, proofs: Sequence[Example], rule_id: UUID | None
) -> DraftRule:
    old: Rule | None = None if rule_id is None else (await _rule(tx, of, rule_id)).body
    body = editors.editor_of(of).body_of(of, sent, Reading(reading.how, reading.raw, reading.reasons), old)
    if rule_id is None:
        code = getattr(sent, "code", "").upper() if of.kind == "rounding" else ""
        return await service.create_rule(tx, kind=of.kind, body=body, examples=proofs, code=code)
    return await service.change_rule(
        tx, rule_id=RuleId(rule_id), body=body, examples=proofs, expected_version=sent.version
    )


def _place_of(field: str) -> str:
    """Return the input that shows what is wrong with a field: `channels[0]` at the channels."""
    return field.partition("[")[0].partition(".")[0]


async def _shown_again(
    unit: Unit,
    of: RuleType,
    form: Filled[Any],
    rule_id: UUID | None,
    *,
    action: str = "",
    fitting: Fitting = NOBODY,
) -> Response[str]:
    rule = None
    if rule_id is not None:
        async with unit.read() as tx:
            rule = await _rule(tx, of, rule_id)
    return await _editor(unit, of, form, rule, action=action, fitting=fitting)


async def _editor(
    unit: Unit,
    of: RuleType,
    form: Filled[Any],
    rule: DraftRule | None,
    *,
    action: str = "",
    fitting: Fitting = NOBODY,
) -> Response[str]:
    is_as_stored = rule is not None and form.status == forms.OK_STATUS and not action
    says, sign, told = "", None, Failures([], ())
    async with unit.read() as tx:
        last, present, settings = await tx.load(queries.last_book(), queries.draft_rules(), accounts.settings())
        named = [] if rule is None else getattr(rule.body, "customers", ())
        reader = await names.reader(tx, unit, (), home=settings.country, also=named)
        choices = await carts.choices(tx, unit, [found.body for found in present], form.raw, fitting)
        if rule is not None:
            told = await failures_of(tx, unit, rule.key, len(rule.examples)) if is_as_stored else told
            says = wording.rule(rule.key, rule.body, reader)
            sign = _sign(standing.changes_of(present, last).get(rule.key))
    editor = editors.editor_of(of)
    return pages.render(
        unit,
        editor.template,
        form=form,
        of=of,
        place=kinds.PLACE_BY_KIND[of.kind],
        rule=rule,
        says=says,
        sign=sign,
        problems=told.others,
        results=told.examples,
        cases=examples.shown(form, more=action == "rows"),
        choices=choices,
        formulas=sorted(found.code for found in present if found.kind == "formula"),
        currency=unit.principal.currency,
        home=reader.country(settings.country),
        **editor.shown(form, action),
        amounts_hint=i18n.gettext(unit.locale, N_("Like 20, or 20 CNY, 3 USD.")),
    )


HANDLERS: tuple[Any, ...] = (
    rules_page,
    download_tax_rates,
    new_rule_page,
    create_rule,
    rule_page,
    save_rule,
    remove_rule,
)
