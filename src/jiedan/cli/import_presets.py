"""`jiedan import orders FILE --preset NAME`: a file of a known system, whole, and the proof that all of it came in."""

import asyncio
import dataclasses
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from jiedan.base import failures
from jiedan.base.db import Database, Scope
from jiedan.base.i18n import N_, Series
from jiedan.base.money import decimal_amount
from jiedan.cli import output, refused_rows
from jiedan.imports.presets import online_retail, steps
from jiedan.imports.presets.online_retail import Derived
from jiedan.imports.presets.parity import Measure, Parity
from jiedan.imports.reader import Source
from jiedan.imports.values import ImportRun

PRESETS = ("online-retail",)

_DONE = N_("{kind}: {read} rows, {created} created, {updated} updated, {unchanged} unchanged, {refused} reported.")
_DONE_BEFORE = N_(
    "{kind}: done before: {read} rows, {created} created, {updated} updated, {unchanged} unchanged, {refused} reported."
)
_TRYING = N_("Trying")
_TRIED = N_(
    "{kind}: {read} rows, {created} would be created, {updated} updated, {unchanged} unchanged, {refused} reported."
)
_NOTHING_STORED = N_("Tried only: nothing was stored.")
_TRIED_PART = N_("Tried only: nothing was stored. The file is longer: only its beginning was tried.")
_WHOLE = N_("Everything in the file is placed, canceled or reported.")
_NOT_WHOLE = N_("The file and what is stored differ.")
_HEADINGS = {
    "measure": N_("Total"),
    "file": N_("File"),
    "placed": N_("Placed"),
    "canceled": N_("Canceled"),
    "reported": N_("Reported"),
    "difference": N_("Difference"),
}
_MEASURES = {"invoices": N_("Invoices"), "lines": N_("Lines"), "units": N_("Units"), "amount": N_("Amount")}
_REASON_HEADINGS = {"reason": N_("Reported because"), "lines": N_("Lines")}


@dataclasses.dataclass(eq=False)
class UnknownPreset(failures.Failure):
    """`--preset` names none that there is, or one for another kind of import."""

    message: ClassVar[str] = N_("There is no preset {preset} for {kind}; for orders there is: {known}.")
    exit_code: ClassVar[int] = failures.EXIT_USAGE

    preset: str
    kind: str
    known: str = Series(PRESETS)


def check(preset: str, kind: str) -> None:
    """Raise UnknownPreset unless orders can be imported by `preset`."""
    if preset not in PRESETS or kind != "orders":
        raise UnknownPreset(preset=preset, kind=kind)


@dataclasses.dataclass(frozen=True)
class WantedFile:
    """A file of a known system: how much of it is meant, and where what is refused of its orders is written."""

    source: Source
    month: str | None
    encoding: str | None
    errors: Path | None

    def derived(self, location: str) -> Derived:
        """Return the files derived from it; the goods are put at `location`. Raises what `derive` raises."""
        return online_retail.derive(self.source, month=self.month, location=location, encoding=self.encoding)


async def try_all(database: Database, scope: Scope, wanted: WantedFile) -> int:
    """Try everything a file tells of, store nothing, and print what would become of it.

    Return 1 when goods, customers or stock would be refused.
    """
    with output.progress(_TRYING) as go:
        trials = await steps.tried(database, scope, wanted.derived, locale=output.locale(), progress=go)
    orders = trials["orders"]
    if wanted.errors is not None:
        await refused_rows.write_tried(orders.errors, wanted.errors, source=wanted.source, encoding=wanted.encoding)
    is_whole = all(trial.is_whole for trial in trials.values())
    reasons = dict(sorted(Counter({e.row: e.code for e in reversed(orders.errors)}.values()).items()))
    if output.is_json():
        counts = {kind: dataclasses.asdict(trial.counts) for kind, trial in trials.items()}
        output.result({"is_whole": is_whole, "reasons": reasons, "counts": counts})
    else:
        for kind, trial in trials.items():
            output.tell(_TRIED, kind=kind, **dataclasses.asdict(trial.counts))
        _show_reasons(reasons)
        output.tell(_NOTHING_STORED if is_whole else _TRIED_PART)
    others = sum(trial.counts.refused for kind, trial in trials.items() if kind != "orders")
    return failures.EXIT_FAILURE if others else 0


async def import_all(database: Database, scope: Scope, wanted: WantedFile) -> int:
    """Import everything a file tells of, print where it went, and return 1 when something is unaccounted for."""
    location = await steps.location_code(database, scope)
    derived = await asyncio.to_thread(wanted.derived, location)
    done: dict[str, ImportRun] = {}
    for step in steps.steps(derived):
        with output.progress(step.kind, total=len(derived.lines) if step.kind == "orders" else None) as go:
            taken = await steps.take(database, scope, step, locale=output.locale(), progress=go)
        done[step.kind] = taken.run
        told = _DONE_BEFORE if taken.was_done_before else _DONE
        output.tell(told, kind=step.kind, **dataclasses.asdict(taken.run.counts))
    found = await steps.accounted(database, scope, derived, done["orders"])
    if wanted.errors is not None:
        await refused_rows.write(
            database, scope, done["orders"], wanted.errors, source=wanted.source, encoding=wanted.encoding
        )
    _show(found)
    others = sum(run.counts.refused for kind, run in done.items() if kind != "orders")
    return 0 if found.is_whole and not others else failures.EXIT_FAILURE


def _show(found: Parity) -> None:
    if output.is_json():
        output.result(
            {
                "is_whole": found.is_whole,
                "reasons": found.reasons,
                "totals": {x.name: x._asdict() | {"difference": x.difference} for x in found.measures},
            }
        )
        return
    output.table([_row(measure) for measure in found.measures], _HEADINGS)
    _show_reasons(found.reasons)
    output.tell(_WHOLE if found.is_whole else _NOT_WHOLE)


def _show_reasons(reasons: Mapping[str, int]) -> None:
    if reasons:
        rows = [{"reason": code, "lines": count} for code, count in reasons.items()]
        output.table(rows, _REASON_HEADINGS)


def _row(measure: Measure) -> dict[str, object]:
    numbers = {**measure._asdict(), "difference": measure.difference}
    del numbers["name"]
    if measure.name == "amount":
        numbers = {key: f"{decimal_amount(value, online_retail.CURRENCY):,}" for key, value in numbers.items()}
    else:
        numbers = {key: f"{value:,}" for key, value in numbers.items()}
    return {"measure": output.translated(_MEASURES[measure.name]), **numbers}
