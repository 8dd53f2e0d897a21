"""A torture whole: an installation of its own, one step after the other, a last look at what they left behind."""

import contextlib
import dataclasses
import platform
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from importlib import metadata
from pathlib import Path

import msgspec

from jiedan.base import clock
from jiedan.base.db import Database
from jiedan.base.i18n import Phrase
from jiedan.base.server import binaries
from jiedan.torture import audit, installation, ordeal, origin
from jiedan.torture.faults import disk
from jiedan.torture.installation import Installation
from jiedan.torture.stage import Pace, Skipped, Stage, Step
from jiedan.torture.values import Report, StepResult

SETTLED_S_MAX = 420.0
"""Payments without an answer are asked about after two minutes, and again later."""


@dataclasses.dataclass(frozen=True)
class Plan:
    """What to do: steps in their order, how fast, and the seed that all chance comes from.

    No step begins after `seconds_max`. With `last_look` the torture waits at the end until every payment has its
    answer, and compares once more.
    """

    steps: Sequence[Step]
    seed: int
    pace: Pace
    seconds_max: float = float("inf")
    last_look: bool = True


@dataclasses.dataclass(frozen=True)
class Hearer:
    """Who hears how it goes."""

    begins: Callable[[Step], None]
    ended: Callable[[StepResult], None]


async def run(plan: Plan, hearer: Hearer) -> Report:
    """Torture an installation made for it in a temporary folder, and return the report.

    Raises a `failures.Failure` when it cannot be made.
    """
    wall = clock.SystemClock()
    began_at = wall.now()
    results: list[StepResult] = []
    stages: dict[str, Stage] = {}
    async with contextlib.AsyncExitStack() as stack:
        ground: tuple[Installation, Database] | None = None
        for number, step in enumerate(plan.steps, start=1):
            hearer.begins(step)
            seed, slug = plan.seed + number, f"{step.name}-{number}"
            if (wall.now() - began_at).total_seconds() > plan.seconds_max:
                result = _skipped(step, seed, Phrase("the time was over"))
            elif step.has_small_disk:
                result = await _on_small_disk(step, wall, seed=seed, pace=plan.pace, slug=slug)
            else:
                if ground is None:
                    ground = await stack.enter_async_context(_ground())
                at, database = ground
                result, stage = await ordeal.undergo(at, database, wall, step, seed=seed, pace=plan.pace, slug=slug)
                stages |= {step.name: stage} if stage is not None else {}
            results.append(result)
            hearer.ended(result)
        if plan.last_look:
            results = [await _looked_again(x, stages.get(x.name)) for x in results]
    return Report(
        version=metadata.version("jiedan"),
        commit=origin.commit(),
        postgresql=binaries.find().major,
        python=platform.python_version(),
        machine=f"{platform.system()} {platform.machine()}",
        began_at=began_at,
        seconds=round((wall.now() - began_at).total_seconds(), 1),
        seed=plan.seed,
        steps=results,
    )


@contextlib.asynccontextmanager
async def _ground() -> AsyncIterator[tuple[Installation, Database]]:
    with _folder() as folder:
        async with _opened(folder) as opened:
            yield opened


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="jiedan-torture-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@contextlib.asynccontextmanager
async def _opened(folder: Path) -> AsyncIterator[tuple[Installation, Database]]:
    async with installation.opened(folder) as at:
        database = Database(at.database.app_url, clock=clock.SystemClock())
        try:
            yield at, database
        finally:
            await database.close()


async def _on_small_disk(step: Step, wall: clock.Clock, *, seed: int, pace: Pace, slug: str) -> StepResult:
    """Run a step on an installation of its own, on a disk with little room; it is gone when this returns."""
    try:
        with _folder() as folder, disk.SmallDisk(folder):
            async with _opened(folder) as (at, database):
                result, _ = await ordeal.undergo(at, database, wall, step, seed=seed, pace=pace, slug=slug)
                return result
    except Skipped as skipped:
        return _skipped(step, seed, skipped.why)


async def _looked_again(result: StepResult, stage: Stage | None) -> StepResult:
    """Compare a step's merchant once more, when every payment has its answer."""
    if stage is None or result.outcome == "failed":
        return result
    left = await audit.settled_within(
        lambda: ordeal.look_again(stage, settled=True), within_s=SETTLED_S_MAX * stage.pace.patience
    )
    _, found = await audit.findings_of_books(stage.database, stage.shop.tenant)
    found = [*left, *found]
    if not found:
        return result
    return msgspec.structs.replace(result, outcome="failed", findings=[f"at the end: {x}" for x in found])


def _skipped(step: Step, seed: int, reason: str) -> StepResult:
    return StepResult(name=step.name, title=step.title, outcome="skipped", seed=seed, reason=reason)
