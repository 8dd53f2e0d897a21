"""`jiedan prices rules | tax-rates | changes | versions | publish | roll-back | quote | replay`."""

import codecs
import contextlib
import dataclasses
import datetime as dt
import functools
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, cast
from zoneinfo import ZoneInfo

import cyclopts
import msgspec

from jiedan.accounts import queries as accounts
from jiedan.base import failures, files, i18n, money, reasons
from jiedan.base.db import ReadTx, Tx
from jiedan.base.i18n import N_, Phrase
from jiedan.base.web import bodies
from jiedan.base.web.errors import BodyMissing, MalformedJson
from jiedan.cli import merchant as merchants
from jiedan.cli import output, replays, runtime
from jiedan.orders import service as orders
from jiedan.orders.values import Rejected
from jiedan.orders.values.quotes import QuoteCart, QuoteCarts
from jiedan.pricing import queries, service
from jiedan.pricing.rules import wording
from jiedan.pricing.values.drafts import BookBrief, RuleKey, RuleKind

app = cyclopts.App(name="prices", help=N_("Look at the rules of prices, publish them, go back, price a cart."))

STDIN = "-"

_EMPTY = Phrase("it is empty")
_PUBLISHED = N_("Version {version} of the price rules holds from {begins_at} on.")
_WRITTEN = N_("{path} has the tax rates of the draft.")
_RENEWED = N_("The version that waits begins with these changes, as version {version}.")
_NOTHING = N_("The draft says what is published.")
_STATES: Mapping[str, str] = {
    "added": N_("not published yet"),
    "changed": N_("changed since it was published"),
    "removed": N_("removed from the draft"),
    "": N_("published"),
}
_RULES = {"kind": N_("Kind"), "code": N_("Code"), "says": N_("What it says"), "state": N_("State")}
_CHANGES = {"kind": N_("Kind"), "code": N_("Code"), "change": N_("Change"), "fields": N_("Fields")}
_VERSIONS = {
    "version": N_("Version"),
    "state": N_("State"),
    "begins_at": N_("From"),
    "note": N_("Note"),
    "restores": N_("As version"),
}
_QUOTES = {
    "cart": N_("Cart"),
    "total": N_("Total"),
    "tax": N_("Tax"),
    "discount": N_("Discount"),
    "why": N_("Promotions, or what speaks against it"),
}

Kind = Annotated[RuleKind | None, cyclopts.Parameter(show_choices=False)]
CartFile = Annotated[Path, cyclopts.Parameter(allow_leading_hyphen=True)]
Begin = Annotated[dt.datetime | None, cyclopts.Parameter(name="--begins-at")]


@dataclasses.dataclass(eq=False)
class CartsUnreadable(failures.Failure):
    """The file of carts is not there, or is no JSON."""

    message: ClassVar[str] = N_("{path} cannot be read: {reason}.")
    exit_code: ClassVar[int] = failures.EXIT_USAGE

    path: str
    reason: str


@app.command
async def rules(*, kind: Kind = None, merchant: str | None = None) -> None:
    """List the rules of the draft in words, and how each stands to what is published.

    Parameters
    ----------
    kind
        Only this kind: promotion, price_list, tax_rate, shipping_method and so on.
    merchant
        The merchant; needed when there are several.

    """
    async with runtime.running() as jiedan:
        scope = await merchants.chosen_scope(jiedan.database, merchant)
        async with jiedan.database.read(scope) as tx:
            settings, present = await tx.load(
                accounts.settings(), queries.draft_rules(None if kind is None else [kind])
            )
            changed = {change.key: change.change for change in await service.unpublished(tx)}
    reader = wording.Reader(output.locale(), settings.time_zone, home=settings.country)
    rows = [
        {
            "kind": rule.kind,
            "code": rule.code,
            "says": wording.rule(rule.key, rule.body, reader),
            "state": output.translated(_STATES[changed.get(rule.key, "")]),
        }
        for rule in present
    ]
    output.table(rows, _RULES)


@app.command
async def tax_rates(file: Path, *, merchant: str | None = None) -> None:
    """Write the tax rates of the draft to a CSV file, with the columns that `import tax-rates` takes.

    Parameters
    ----------
    file
        The file to write; it must not exist.
    merchant
        The merchant; needed when there are several.

    """
    async with runtime.running() as jiedan:
        scope = await merchants.chosen_scope(jiedan.database, merchant)
        async with jiedan.database.read(scope) as tx:
            content = await queries.tax_rates_csv(tx)
        with files.explained(file), files.drafted(file, overwrite=False) as opened:
            opened.write(content)
    output.result({"path": str(file)}, _WRITTEN, path=file)


@app.command
async def changes(*, merchant: str | None = None) -> None:
    """Show in what the draft differs from what is published.

    Parameters
    ----------
    merchant
        The merchant; needed when there are several.

    """
    async with runtime.running() as jiedan:
        scope = await merchants.chosen_scope(jiedan.database, merchant)
        async with jiedan.database.read(scope) as tx:
            found = await service.unpublished(tx)
    if not found and not output.is_json():
        output.result(None, _NOTHING)
        return
    rows = [
        {"kind": x.key.kind, "code": x.key.code, "change": _word(x.change), "fields": ", ".join(x.fields)}
        for x in found
    ]
    output.table(rows, _CHANGES)


def _word(change: str) -> str:
    return change if output.is_json() else output.translated(_STATES[change])


@app.command
async def versions(*, before: int | None = None, merchant: str | None = None) -> None:
    """List what was published, the newest first, fifty at most.

    Parameters
    ----------
    before
        Only versions below this one.
    merchant
        The merchant; needed when there are several.

    """
    async with runtime.running() as jiedan:
        scope = await merchants.chosen_scope(jiedan.database, merchant)
        async with jiedan.database.read(scope) as tx:
            found, in_force = await tx.load(queries.books(before=before), queries.version_in_force(at=tx.now))
            rows = [_row(brief, in_force=in_force, at=tx.now) for brief in found]
    output.table(rows, _VERSIONS)


def _row(brief: BookBrief, *, in_force: int, at: dt.datetime) -> dict[str, Any]:
    state = brief.state(in_force=in_force, at=at)
    return {
        "version": brief.version,
        "state": state if output.is_json() else output.translated(_BOOK_STATES[state]),
        "begins_at": brief.begins_at,
        "note": brief.note,
        "restores": brief.restores,
    }


_BOOK_STATES: Mapping[str, str] = {
    "in_force": N_("in force"),
    "scheduled": N_("scheduled"),
    "over": N_("over"),
    "withdrawn": N_("taken back"),
}


@app.command
async def publish(
    *, note: str = "", begins_at: Begin = None, rule: tuple[str, ...] = (), merchant: str | None = None
) -> None:
    """Publish the draft as the next version; where it must not be, every reason is told and nothing is published.

    Parameters
    ----------
    note
        What it is about.
    begins_at
        When it begins, by the merchant's clock unless it says another; at once without it.
    rule
        A change that is published alone, like promotion:spring, as `changes` tells it; may be given several times.
    merchant
        The merchant; needed when there are several.

    """
    named = [name.partition(":") for name in rule]
    only = [RuleKey(cast("RuleKind", kind), code) for kind, _, code in named] if named else None
    await _publish(merchant, begins_at, functools.partial(service.publish, note=note, only=only))


@app.command
async def roll_back(version: int, *, note: str = "", begins_at: Begin = None, merchant: str | None = None) -> None:
    """Publish an old version again as the next one; the draft then says the same.

    Parameters
    ----------
    version
        The version to go back to, as `versions` lists it.
    note
        What it is about.
    begins_at
        When it begins, by the merchant's clock unless it says another; at once without it.
    merchant
        The merchant; needed when there are several.

    """

    async def work(tx: Tx, *, begins_at: dt.datetime | None) -> BookBrief:
        made, _ = await service.roll_back(tx, version=version, begins_at=begins_at, note=note)
        return made

    await _publish(merchant, begins_at, work)


async def _publish(
    merchant: str | None, begins_at: dt.datetime | None, work: Callable[..., Awaitable[BookBrief]]
) -> None:
    """Do `work` with the moment the version begins, and tell which version it made."""
    async with runtime.running() as jiedan:
        scope = await merchants.chosen_scope(jiedan.database, merchant)
        async with jiedan.database.read(scope) as tx:
            begin = await _moment(tx, begins_at)
        made = await jiedan.database.write(scope, lambda tx: work(tx, begins_at=begin))
    told = {"version": made.version, "begins_at": made.begins_at, "note": made.note, "restores": made.restores}
    output.result(told, _PUBLISHED, version=made.version, begins_at=made.begins_at)
    if made.renewed is not None and not output.is_json():
        output.result(None, _RENEWED, version=made.renewed)


async def _moment(tx: ReadTx, at: dt.datetime | None) -> dt.datetime | None:
    if at is None or at.tzinfo is not None:
        return at
    return at.replace(tzinfo=ZoneInfo((await tx.load_one(accounts.settings())).time_zone))


@app.command
async def quote(file: CartFile, *, merchant: str | None = None) -> int:
    """Price the carts of a JSON file by the very rules of orders: one cart, or many as the API takes them.

    Parameters
    ----------
    file
        The file, as `POST /pricing/quote` takes it; - for standard input.
    merchant
        The merchant; needed when there are several.

    """
    asked = _carts(file)
    async with runtime.running() as jiedan:
        scope = await merchants.chosen_scope(jiedan.database, merchant)
        async with jiedan.database.read(scope) as tx:
            outcomes = await orders.quote_carts(tx, asked.carts, locale=output.locale(), at=asked.at)
    if output.is_json():
        output.result([_told(outcome) for outcome in outcomes])
    else:
        output.table([_shown(i, outcome) for i, outcome in enumerate(outcomes, start=1)], _QUOTES)
    return failures.EXIT_FAILURE if any(isinstance(outcome, Rejected) for outcome in outcomes) else 0


@app.command
async def replay(*, days: int = replays.DAYS, merchant: str | None = None) -> int:
    """Price the orders of the last days by the draft, and show what that changes; run again, it goes on.

    Parameters
    ----------
    days
        How many days to look back.
    merchant
        The merchant; needed when there are several.

    """
    return await replays.replay(days=days, merchant=merchant)


def _carts(file: Path) -> QuoteCarts:
    """Read carts. Raises CartsUnreadable, or the refusal that names the first field in the wrong."""
    try:
        content = sys.stdin.buffer.read() if str(file) == STDIN else file.read_bytes()
    except OSError as error:
        raise CartsUnreadable(path=str(file), reason=reasons.of_system(error)) from error
    content = content.removeprefix(codecs.BOM_UTF8)
    try:
        if _is_one(content):
            return QuoteCarts(carts=(bodies.decode(content, QuoteCart),))
        carts: QuoteCarts = bodies.decode(content, QuoteCarts)
    except BodyMissing as error:
        raise CartsUnreadable(path=str(file), reason=_EMPTY) from error
    except MalformedJson as error:
        raise CartsUnreadable(path=str(file), reason=error.problem) from error
    return carts


def _is_one(content: bytes) -> bool:
    """Tell whether a file has one cart, and not many as the API takes them."""
    with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return "lines" in msgspec.json.decode(content, type=dict[str, msgspec.Raw])
    return False


def _told(outcome: orders.Quote | Rejected) -> dict[str, Any]:
    if isinstance(outcome, Rejected):
        said = [{"code": x.code, "message": output.said(x), "field": x.field} for x in outcome.reasons]
        return {"status": "refused", "errors": said}
    plan = outcome.plan
    return {
        "status": "priced",
        "currency": plan.header.currency,
        "total_minor": plan.total_minor,
        "tax_minor": plan.tax_minor,
        "taxes": plan.taxes,
        "trace": outcome.quote.trace,
        "explanation": outcome.explanation,
    }


def _shown(number: int, outcome: orders.Quote | Rejected) -> dict[str, object]:
    if isinstance(outcome, Rejected):
        return {"cart": number, "why": " ".join(output.placed(output.said(x), x.field) for x in outcome.reasons)}
    plan, currency = outcome.plan, outcome.plan.header.currency
    locale = i18n.BABEL_BY_LOCALE[output.locale()]
    given = [rule for rule in outcome.explanation.promotions if rule.outcome == "applied"]
    return {
        "cart": number,
        "total": money.format_money(plan.total_minor, currency, locale),
        "tax": money.format_money(plan.tax_minor, currency, locale),
        "discount": money.format_money(sum(line.discount_minor for line in plan.lines), currency, locale),
        "why": "; ".join(f"{rule.name}: {rule.reason}" for rule in given),
    }
