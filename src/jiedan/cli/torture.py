"""`jiedan torture`: break an installation made for it, under load, and check what is left."""

import contextlib
import dataclasses
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ClassVar

from jiedan.base import failures, log
from jiedan.base import home as homes
from jiedan.base.i18n import N_
from jiedan.cli import grounds, output
from jiedan.torture import registry, run
from jiedan.torture import report as reports
from jiedan.torture.run import Hearer, Plan
from jiedan.torture.stage import Pace, Step
from jiedan.torture.values import Report, StepResult

EXIT_FAILED = 1
SEEDS = 1_000_000
MINUTES = 15.0
"""Enough for every step."""

MINUTES_MAX = 24 * 60
FAULT_S_MIN, FAULT_S_MAX = 3.0, 120.0

_SEED = N_("Seed {seed}: the same seed chooses the same.")
_STEPS = N_("Steps")
_BEGINS = N_("{name}: {title} …")
_PASSED = N_("{name}: all held. {requests} requests, {again} sent again, {orders} orders, {payments} payments.")
_FAILED = N_("{name}: {count} findings. The first: {first}")
_SKIPPED = N_("{name}: skipped, {reason}.")
_HEADINGS = {
    "step": N_("Step"),
    "result": N_("Result"),
    "requests": N_("Requests"),
    "again": N_("Sent again"),
    "orders": N_("Orders"),
    "payments": N_("Payments"),
    "findings": N_("Findings"),
}


@dataclasses.dataclass(eq=False)
class StepUnknown(failures.Failure):
    """There is no step of that name."""

    message: ClassVar[str] = N_("There is no step {name}: choose among {known}.")
    exit_code: ClassVar[int] = failures.EXIT_USAGE

    name: str
    known: str


@dataclasses.dataclass(eq=False)
class MinutesInvalid(failures.Failure):
    """So many minutes cannot be spent."""

    message: ClassVar[str] = N_("--minutes must be above 0 and at most {limit}.")
    exit_code: ClassVar[int] = failures.EXIT_USAGE

    limit: int


async def torture(
    *steps: str,
    minutes: float = MINUTES,
    seed: int | None = None,
    patience: float = 1.0,
    report: Path | None = None,
) -> int:
    """Break an installation made for it, under load, and check what is left; exits with 1 when something was lost.

    It has a temporary folder, a database and servers of its own, on this machine only, and touches no other.

    Parameters
    ----------
    steps
        Which steps; default all.
    minutes
        About how long; no step begins later.
    seed
        What chance comes from; default a new one, which is printed.
    patience
        How many times longer than usual things may take, on a busy machine.
    report
        Folder to write torture.md and torture.json into.

    """
    chosen = _chosen(steps)
    if not 0 < minutes <= MINUTES_MAX:
        raise MinutesInvalid(limit=MINUTES_MAX)
    log.configure(level="error")
    plan = Plan(
        chosen,
        seed=secrets.randbelow(SEEDS) if seed is None else seed,
        pace=_pace(chosen, minutes * 60, patience),
        seconds_max=minutes * 60,
    )
    output.tell(_SEED, seed=plan.seed)
    with grounds.canceled_by_sigterm(), _told(len(chosen)) as hearer:
        found = await run.run(plan, hearer)
    if report is not None:
        _write(found, report)
    _print(found)
    return EXIT_FAILED if found.has_failed else 0


def _chosen(names: tuple[str, ...]) -> tuple[Step, ...]:
    for name in names:
        if name not in registry.BY_NAME:
            raise StepUnknown(name=name, known=", ".join(registry.BY_NAME))
    return tuple(registry.BY_NAME[name] for name in names) or registry.STEPS


def _pace(steps: tuple[Step, ...], seconds: float, patience: float) -> Pace:
    """Return how long faults last so that all steps together take about so long."""
    left = (seconds - sum(step.seconds for step in steps)) / len(steps)
    return Pace(fault_s=min(max(left, FAULT_S_MIN), FAULT_S_MAX), patience=patience)


@contextlib.contextmanager
def _told(count: int) -> Iterator[Hearer]:
    with output.progress(_STEPS, total=count) as advance:
        yield Hearer(_begins, _ended(advance))


def _begins(step: Step) -> None:
    output.tell(_BEGINS, name=step.name, title=output.translated(step.title))


def _ended(advance: Callable[[int], None]) -> Callable[[StepResult], None]:
    def tell(result: StepResult) -> None:
        advance(1)
        match result.outcome:
            case "skipped":
                output.tell(_SKIPPED, name=result.name, reason=output.phrased(result.reason))
            case "failed":
                output.tell(_FAILED, name=result.name, count=len(result.findings), first=result.findings[0])
            case _:
                output.tell(
                    _PASSED,
                    name=result.name,
                    requests=result.requests,
                    again=result.failed_during,
                    orders=result.orders_acked,
                    payments=result.payments_acked,
                )

    return tell


def _write(found: Report, folder: Path) -> None:
    with homes.explained(folder):
        reports.write(found, folder)


def _print(found: Report) -> None:
    if output.is_json():
        output.result(found)
        return
    rows = [
        {
            "step": step.name,
            "result": step.outcome,
            "requests": step.requests,
            "again": step.failed_during,
            "orders": step.orders_acked,
            "payments": step.payments_acked,
            "findings": "\n".join(step.findings) or output.phrased(step.reason),
        }
        for step in found.steps
    ]
    output.table(rows, _HEADINGS)
