"""Publish the draft: what it changes, what speaks against it, when it begins; and the versions there were."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Annotated, Any, NamedTuple, cast
from uuid import UUID

import msgspec
from litestar import Response, get, post

from jiedan.accounts import queries as accounts
from jiedan.base import i18n
from jiedan.base.db import ReadTx
from jiedan.base.errors import NotFound, Refusal, reasons_of
from jiedan.base.events import Actor
from jiedan.base.i18n import N_
from jiedan.base.web import forms, pages
from jiedan.base.web.forms import Filled, Form
from jiedan.base.web.unit import Unit
from jiedan.console import endings
from jiedan.console.prices import names, standing, typed
from jiedan.console.prices.shown import how_of, way_back
from jiedan.console.words import Sign
from jiedan.pricing import queries, service
from jiedan.pricing.rules import drafts as rules
from jiedan.pricing.rules import wording
from jiedan.pricing.rules.publishing import Checked
from jiedan.pricing.values import drafts
from jiedan.pricing.values.drafts import BookBrief, DraftRule, RuleChange, RuleKey, RuleKind, Written, WrittenRule
from jiedan.pricing.values.promotions import Promotion

CHANGES_SHOWN_MAX = 200
ASKED_CHARACTERS_MAX = 500

KINDS: Mapping[RuleKind, str] = MappingProxyType(
    {
        "currency_settings": N_("Base currency"),
        "exchange_rate": N_("Rate of exchange"),
        "formula": N_("Formula"),
        "manual_limit": N_("Limit of prices by hand"),
        "price_list": N_("Price list"),
        "promotion": N_("Promotion"),
        "rounding": N_("Rounding"),
        "shipping_method": N_("Shipping method"),
        "shipping_settings": N_("Unknown weights and sizes"),
        "surcharge": N_("Surcharge"),
        "tax_rate": N_("Tax rate"),
        "tax_settings": N_("How tax is charged"),
    }
)

CHANGES: Mapping[str, Sign] = MappingProxyType(
    {
        "added": Sign(N_("New"), "ok", "full"),
        "changed": Sign(N_("Changed"), "info", "half"),
        "removed": Sign(N_("Removed"), "warn", "empty"),
    }
)

BOOKS: Mapping[drafts.BookState, Sign] = MappingProxyType(
    {
        "scheduled": Sign(N_("Begins later"), "info", "quarter"),
        "in_force": Sign(N_("In force"), "ok", "full"),
        "over": Sign(N_("Over"), "", "empty"),
        "withdrawn": Sign(N_("Taken back"), "warn", "empty"),
    }
)

PUBLISH, CHECK = "publish", "check"

RuleName = Annotated[str, msgspec.Meta(max_length=ASKED_CHARACTERS_MAX)]
Note = Annotated[str, msgspec.Meta(max_length=drafts.NOTE_CHARACTERS_MAX)]


class PublishForm(Form):
    """When the next version begins, and why; at once where no time is given.

    With `is_choice` it is of the rules that are ticked alone.
    """

    begins_at: Annotated[str, msgspec.Meta(max_length=40)] = ""
    note: Note = ""
    action: str = PUBLISH
    is_choice: bool = False
    rule: Annotated[list[RuleName], msgspec.Meta(max_length=CHANGES_SHOWN_MAX)] = msgspec.field(default_factory=list)


class NothingForm(Form):
    """A form that says nothing but that it was sent."""


class Told(NamedTuple):
    """One change in words: what the rule said, and what it says; who changed it last, where that is known."""

    kind: str
    code: str
    sign: Sign
    before: str
    after: str
    changed_at: datetime | None = None
    changed_by: str = ""
    name: str = ""


class Version(NamedTuple):
    """A version in the list."""

    brief: BookBrief
    sign: Sign
    by: str


@get("/prices/publish", permission="prices:read")
async def publish_page(unit: Unit) -> Response[str]:
    """Show what publishing the draft would change, and what speaks against it."""
    return await _publish_page(unit, forms.empty(unit))


async def _publish_page(unit: Unit, form: Filled[Any]) -> Response[str]:
    async with unit.read() as tx:
        last, present, settings = await tx.load(queries.last_book(), queries.draft_rules(), accounts.settings())
        changes = standing.changes_of(present, last)
        told = await _told(tx, unit, changes.values(), {rule.key: rule for rule in present}, home=settings.country)
        only = _chosen(form, changes)
        found = await service.checked(tx, only=only) if changes and only != [] else Checked(())
    return pages.render(
        unit,
        "console/prices_publish.html",
        form=form,
        changes=told,
        count=len(changes),
        may_choose=1 < len(changes) <= CHANGES_SHOWN_MAX,
        ticked={_name(key) for key in (changes if only is None else only)},
        last=last.brief if last is not None else None,
        kept_max=drafts.REMOVED_RULES_MAX,
        problems=[_problem(unit, problem) for problem in found.problems],
        warnings=[_problem(unit, warning) for warning in found.warnings],
    )


@post("/prices/publish", permission="prices:publish")
async def publish(unit: Unit) -> Response[str]:
    """Publish the draft as the next version, at once or from a moment on."""
    form = await forms.read(unit, PublishForm)
    sent = form.value
    if sent is None or sent.action == CHECK:
        return await _publish_page(unit, form)

    async def work() -> BookBrief:
        begins = typed.moment(sent.begins_at, how_of(unit), "begins_at")
        only = [_key(name) for name in sent.rule] if sent.is_choice else None
        return await unit.write(lambda tx: service.publish(tx, begins_at=begins, note=sent.note, only=only))

    def refuse(refusal: Refusal) -> None:
        form.refuse(refusal)
        form.above = [text for text in form.above if not _is_of_rule(refusal)]

    made = await endings.tried(form, work, refuse)
    if made is None:
        return await _publish_page(unit, form)
    told = N_("Version {version} is published.")
    if made.renewed is not None:
        told = N_("Version {version} is published. The one that waits begins with these changes, as version {renewed}.")
    return pages.redirect(unit, "/prices/versions", flash=told, version=made.version, renewed=made.renewed)


def _chosen(form: Filled[Any], changes: Mapping[RuleKey, RuleChange]) -> list[RuleKey] | None:
    """Return which changes are ticked, of those that there are; None for all."""
    if not form.text("is_choice"):
        return None
    ticked = set(form.raw.get("rule", ()))
    return [key for key in changes if _name(key) in ticked]


def _name(key: RuleKey) -> str:
    return f"{key.kind}:{key.code}"


def _key(name: str) -> RuleKey:
    kind, _, code = name.partition(":")
    return RuleKey(cast("RuleKind", kind), code)


def _is_of_rule(refusal: Refusal) -> bool:
    """Tell whether a refusal is about rules: those stand on the page by themselves."""
    return all(":" in (reason.field or "") for reason in reasons_of(refusal))


@post("/prices/discard", permission="prices:write")
async def discard(unit: Unit) -> Response[str]:
    """Make the draft say again what was published last."""
    form = await forms.read(unit, NothingForm)
    done = await endings.tried(form, lambda: unit.write(service.discard_changes))
    if done is None:
        return await _publish_page(unit, form)
    changed, removal_id = done
    told = N_("The draft says again what is published.") if changed else N_("There was nothing to take back.")
    return pages.redirect(unit, "/prices", flash=told, undo=way_back(removal_id))


@post("/prices/removals/{removal_id:uuid}/restoration", permission="prices:write")
async def restore_removed(unit: Unit, removal_id: UUID) -> Response[str]:
    """Put rules back into the draft as they were before they were taken out."""
    await forms.read(unit, NothingForm)
    try:
        _, is_new = await unit.write(lambda tx: service.restore_removed(tx, removal_id=removal_id))
    except NotFound:
        raise
    except Refusal as refusal:
        told = " ".join(i18n.say(unit.locale, reason) for reason in reasons_of(refusal))
        return pages.redirect(unit, "/prices/publish", flash="{text}", tone="bad", text=told)
    told = N_("The draft is as it was.") if is_new else N_("This was taken back already; the draft stays as it is.")
    return pages.redirect(unit, "/prices/publish", flash=told)


@get("/prices/versions", permission="prices:read")
async def versions_page(unit: Unit) -> Response[str]:
    """Show the versions that were published, the newest first."""
    before = unit.request.query_params.get("before", "")
    number = int(before) if before.isascii() and before.isdigit() and len(before) < typed.DIGITS_MAX else None
    async with unit.read() as tx:
        books, in_force = await tx.load(queries.books(before=number), queries.version_in_force(at=tx.now))
        actors = await tx.load_one(accounts.actor_names({book.published_by for book in books}))
        shown = [Version(book, _sign(book, in_force, tx.now), actors[book.published_by]) for book in books]
    return pages.render(
        unit,
        "console/prices_versions.html",
        versions=shown,
        following=books[-1].version if len(books) == drafts.BOOKS_PER_PAGE else None,
    )


@get("/prices/versions/{version:int}", permission="prices:read")
async def version_page(unit: Unit, version: int) -> Response[str]:
    """Show one version: what it changed against the one before, and what it says."""
    return await _version_page(unit, version, forms.empty(unit))


async def _version_page(unit: Unit, version: int, form: Filled[Any]) -> Response[str]:
    async with unit.read() as tx:
        book = await queries.book(tx, version=version)
        earlier, in_force, settings = await tx.load(
            queries.book_or_none(version - 1), queries.version_in_force(at=tx.now), accounts.settings()
        )
        before = {} if earlier is None else rules.parts_of(earlier.book, earlier.examples)
        now = rules.parts_of(book.book, book.examples)
        told = await _told(tx, unit, rules.changes(before, now), {}, home=settings.country)
        actors = await tx.load_one(accounts.actor_names({book.brief.published_by}))
        reader = await names.reader(tx, unit, book.book.promotions, home=settings.country)
        sign = _sign(book.brief, in_force, tx.now)
        begins = book.brief.begins_at > tx.now
    asked = unit.request.query_params.get("rule", "")[:ASKED_CHARACTERS_MAX]
    says = _says(unit, now, reader)
    return pages.render(
        unit,
        "console/prices_version.html",
        form=form,
        brief=book.brief,
        by=actors[book.brief.published_by],
        sign=sign,
        is_waiting=begins and book.brief.withdrawn_at is None,
        is_in_force=book.brief.version == in_force,
        changes=told,
        says=says[:CHANGES_SHOWN_MAX],
        rules=len(says),
        asked=asked,
        found=_says(unit, {key: rule for key, rule in now.items() if _is_named(key, asked)}, reader) if asked else [],
    )


def _says(unit: Unit, written: Written, reader: wording.Reader) -> list[tuple[str, str, str]]:
    """Return what rules say, by kind and code."""
    return [
        (i18n.gettext(unit.locale, KINDS[key.kind]), key.code, wording.rule(key, rule.body, reader))
        for key, rule in sorted(written.items())
    ]


def _is_named(key: RuleKey, asked: str) -> bool:
    """Tell whether an address names a rule by `kind:code`; of tax rates the day from which one holds may be missing."""
    own = _name(key)
    return own == asked or (key.kind == "tax_rate" and own.startswith(f"{asked}|"))


@post("/prices/versions/{version:int}/restoring", permission="prices:publish")
async def restore(unit: Unit, version: int) -> Response[str]:
    """Publish an old version again; the draft then says the same, and can be taken back."""
    form = await forms.read(unit, NothingForm)
    note = i18n.translate(unit.locale, N_("Version {version} again"), version=version)
    made = await endings.tried(form, lambda: unit.write(lambda tx: service.roll_back(tx, version=version, note=note)))
    if made is None:
        return await _version_page(unit, version, form)
    book, removal_id = made
    told = N_("Version {version} is published.")
    undo = way_back(removal_id) if unit.may("prices:write") else None
    if undo is not None:
        told = N_("Version {version} is published, and the draft says the same. Undo makes the draft as it was.")
    return pages.redirect(unit, "/prices/versions", flash=told, undo=undo, version=book.version)


@post("/prices/versions/{version:int}/withdrawal", permission="prices:publish")
async def withdraw(unit: Unit, version: int) -> Response[str]:
    """Take back a version that has not begun."""
    form = await forms.read(unit, NothingForm)
    await endings.tried(form, lambda: unit.write(lambda tx: service.withdraw(tx, version=version)))
    if endings.is_refused(form):
        return await _version_page(unit, version, form)
    return pages.redirect(unit, "/prices/versions", flash=N_("The version was taken back."))


async def _told(
    tx: ReadTx, unit: Unit, changes: Iterable[RuleChange], present: Mapping[RuleKey, DraftRule], *, home: str
) -> list[Told]:
    """Return changes in words, a bounded number of them."""
    shown = list(changes)[:CHANGES_SHOWN_MAX]
    bodies = [side.body for change in shown for side in (change.before, change.after) if side is not None]
    named = [customer for body in bodies for customer in getattr(body, "customers", ())]
    promotions = [body for body in bodies if isinstance(body, Promotion)]
    reader = await names.reader(tx, unit, promotions, home=home, also=named)
    editors = {present[change.key].changed_by for change in shown if change.key in present}
    actors: Mapping[Actor, str] = await tx.load_one(accounts.actor_names(editors)) if editors else {}
    return [_one_told(change, reader, present.get(change.key), actors) for change in shown]


def _one_told(change: RuleChange, reader: wording.Reader, rule: DraftRule | None, actors: Mapping[Actor, str]) -> Told:
    def say(side: WrittenRule | None) -> str:
        return "" if side is None else wording.rule(change.key, side.body, reader)

    return Told(
        KINDS[change.key.kind],
        _called(change),
        CHANGES[change.change],
        say(change.before),
        say(change.after),
        rule.changed_at if rule is not None else None,
        actors.get(rule.changed_by, "") if rule is not None else "",
        _name(change.key),
    )


def _called(change: RuleChange) -> str:
    side = change.after or change.before
    if side is not None and isinstance(side.body, Promotion):
        return side.body.name
    return "" if change.key.code == drafts.SETTINGS_CODE or "|" in change.key.code else change.key.code


def _problem(unit: Unit, problem: Refusal) -> tuple[str, str]:
    """Return which rule a problem is about, by its code or as its kind is called of which there is one, and what."""
    kind, _, rest = (problem.field or "").partition(":")
    rule = rest.partition(".")[0]
    if rule == drafts.SETTINGS_CODE:
        rule = next(i18n.gettext(unit.locale, word) for name, word in KINDS.items() if name == kind)
    return rule, i18n.say(unit.locale, problem)


def _sign(book: BookBrief, in_force: int, at: datetime) -> Sign:
    if book.withdrawn_at is not None:
        return BOOKS["withdrawn"]
    if book.begins_at > at:
        return BOOKS["scheduled"]
    return BOOKS["in_force" if book.version == in_force else "over"]


HANDLERS: Sequence[Any] = (
    publish_page,
    publish,
    discard,
    restore_removed,
    versions_page,
    version_page,
    restore,
    withdraw,
)
