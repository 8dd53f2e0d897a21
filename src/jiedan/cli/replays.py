"""`jiedan prices replay`: what the draft would have made of the orders of the last days."""

from collections.abc import Mapping, Sequence
from typing import Any

from jiedan.base import failures, i18n, money
from jiedan.base.db import Database, Scope
from jiedan.base.i18n import N_
from jiedan.cli import merchant as merchants
from jiedan.cli import output, runtime
from jiedan.replays import queries, rules, run, service
from jiedan.replays.values import Note, Replay, ReplayStatus, Sum, SumKey

DAYS = 30

_READING = N_("Replaying")
_RESUMED = N_("A replay was begun before: going on after {done} of {total} orders.")
_DONE = N_("Orders replayed: {orders}; days: {days}.")
_ENDED = N_("The replay ended early: {status}. Orders replayed: {orders}; days: {days}.")
_STATES: Mapping[ReplayStatus, str] = {
    ReplayStatus.canceled: N_("it was canceled"),
    ReplayStatus.failed: N_("it was given up"),
}
_HEADINGS = {
    "currency": N_("Currency"),
    "figure": N_("Figure"),
    "before": N_("Was charged"),
    "after": N_("By the draft"),
    "difference": N_("Difference"),
    "orders": N_("Orders that change"),
}
_FIGURES: tuple[tuple[str, str], ...] = (
    ("total", N_("Revenue")),
    ("discount", N_("Discounts")),
    ("shipping", N_("Shipping fees")),
    ("tax", N_("Taxes")),
)


async def replay(*, days: int, merchant: str | None) -> int:
    """Begin a replay, or take up the one that is under way, do it and show what it came to; return the exit code."""
    async with runtime.running() as jiedan:
        scope = await merchants.chosen_scope(jiedan.database, merchant)
        begun = await _begun(jiedan.database, scope, days)
        with output.progress(_READING, total=begun.total) as advance:
            done = await run.run(jiedan.database, scope.tenant, begun.replay_id, progress=advance)
        async with jiedan.database.read(scope) as tx:
            sums = await tx.load_one(queries.sums(done.replay_id))
            book = await queries.book(tx, done.replay_id)
    coming = [one.name for one in rules.yet_to_begin(book, done.created_at)]
    _show(done, sums, rules.notes(output.locale(), sums, coming))
    return 0 if done.status == ReplayStatus.completed else failures.EXIT_FAILURE


async def _begun(database: Database, scope: Scope, days: int) -> Replay:
    """Return the replay that is under way, else a new one."""
    async with database.read(scope) as tx:
        present = await queries.under_way(tx)
    if present is not None and present.days == days:
        output.tell(_RESUMED, done=present.done, total=present.total)
        return present
    return await database.write(scope, lambda tx: service.begin_replay(tx, days=days, locale=output.locale()))


def _show(done: Replay, sums: Mapping[SumKey, Sum], notes: Sequence[Note]) -> None:
    if output.is_json():
        output.result({
            "replay_id": done.replay_id,
            "status": done.status,
            "days": done.days,
            "orders": done.done,
            "sums": [{**key._asdict(), **one._asdict()} for key, one in sorted(sums.items())],
            "notes": [note._asdict() for note in notes],
        })  # fmt: skip
        return
    output.table(_rows(sums), _HEADINGS)
    for note in notes:
        output.tell("{text}", text=note.text)
    if done.status == ReplayStatus.completed:
        output.result(None, _DONE, orders=done.done, days=done.days)
    else:
        status = output.translated(_STATES.get(done.status, str(done.status)))
        output.result(None, _ENDED, orders=done.done, days=done.days, status=status)


def _rows(sums: Mapping[SumKey, Sum]) -> list[dict[str, Any]]:
    rows = []
    locale = i18n.BABEL_BY_LOCALE[output.locale()]
    for currency in rules.currencies(sums):
        for figure, label in _FIGURES:
            one = sums.get(SumKey(figure, "", currency), Sum())
            changed = sums.get(SumKey("changed", "", currency), Sum()).orders
            rows.append({
                "currency": currency,
                "figure": output.translated(label),
                "before": money.format_money(one.before_minor, currency, locale),
                "after": money.format_money(one.after_minor, currency, locale),
                "difference": money.format_money(one.difference_minor, currency, locale),
                "orders": changed if figure == "total" else one.orders,
            })  # fmt: skip
    return rows
