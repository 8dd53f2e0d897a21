"""One step, whole: a fresh merchant, load, fault, heal, load again, drain, audit."""

import asyncio
import random  # noqa: TID251 - seeded, so that a step can be played again
from collections.abc import Mapping, Sequence

import httpx2
import msgspec

from jiedan.base import failures
from jiedan.base.clock import Clock
from jiedan.base.db import Database
from jiedan.torture import audit, load, shop, watching
from jiedan.torture.installation import Installation, NeverReady
from jiedan.torture.stage import READINESS_S_MAX, Pace, Skipped, Stage, Step
from jiedan.torture.told import Phase
from jiedan.torture.values import StepResult, Truth
from jiedan.torture.watching import Watch

FINISH_S_MAX = 60.0
DRAIN_S_MAX = 60.0
SETTLE_S_MAX = 15.0
FINDINGS_SHOWN_MAX = 12


async def undergo(
    at: Installation, database: Database, clock: Clock, step: Step, *, seed: int, pace: Pace, slug: str
) -> tuple[StepResult, Stage | None]:
    """Run one step, and return what came of it, with its stage for a later look; none where it was skipped.

    What goes wrong in the step itself is a finding of it: the next one begins with everything started anew.
    """
    loop = asyncio.get_running_loop()
    began = loop.time()
    try:
        stage = await _prepared(at, database, step, seed=seed, pace=pace, slug=slug)
    except (NeverReady, httpx2.HTTPError, failures.Failure) as error:
        said = f"it could not begin: {type(error).__name__} {error}"
        return StepResult(name=step.name, title=step.title, outcome="failed", seed=seed, findings=[said]), None
    try:
        async with watching.watching(at.servers[:1]) as watches, load.running(stage.load):
            await _struck(stage, step)
            await stage.load.finish(within_s=FINISH_S_MAX * pace.patience)
            if step.settle is not None:
                await step.settle(stage)
        checks, drained_s = await _audited(stage, clock)
    except Skipped as skipped:
        await at.bring_up()
        return StepResult(name=step.name, title=step.title, outcome="skipped", seed=seed, reason=skipped.why), None
    except (NeverReady, audit.NotDrained, audit.NotListed, httpx2.HTTPError, failures.Failure) as error:
        stage.findings.append(f"{type(error).__name__}: {error}")
        checks, drained_s = 0, 0.0
    truths = _truths(stage, watches)
    _judge(stage, step, truths)
    result = _result(stage, step, seed=seed, truths=truths)
    seconds = round(loop.time() - began, 1)
    return msgspec.structs.replace(result, seconds=seconds, checks=checks, drained_s=round(drained_s, 2)), stage


async def _prepared(at: Installation, database: Database, step: Step, *, seed: int, pace: Pace, slug: str) -> Stage:
    await at.dismiss()
    for _ in range(step.servers - len(at.servers)):
        at.new_server()
    await at.bring_up()
    at.webhooks.kept.clear()
    made = await shop.open_shop(database, at.servers[0].url, slug=slug)
    crowd = load.Load(made, at.servers, seed=seed, clients=step.clients, pay=step.pay)
    return Stage(at, database, made, crowd, pace, random.Random(seed))  # noqa: S311 - not a secret


async def _struck(stage: Stage, step: Step) -> None:
    """Strike under load, heal, and let the load go on."""
    told = stage.told
    await asyncio.sleep(stage.pace.load_s)
    told.phase = "fault"
    try:
        await step.strike(stage)
    finally:
        told.phase = "healing"
        await stage.at.bring_up()
    await asyncio.sleep(step.healing_s * stage.pace.patience)
    told.phase = "after"
    await asyncio.sleep(stage.pace.load_s)


async def _audited(stage: Stage, clock: Clock) -> tuple[int, float]:
    """Drain, check the books, compare; differences that go away soon were work still under way."""
    patience = stage.pace.patience
    drained_s = await audit.drained(stage.at.database.dispatch_url, clock, within_s=DRAIN_S_MAX * patience)
    stage.findings += await audit.settled_within(
        lambda: look_again(stage, settled=False), within_s=SETTLE_S_MAX * patience
    )
    checks, found = await audit.findings_of_books(stage.database, stage.shop.tenant)
    stage.findings += found
    return checks, drained_s


async def look_again(stage: Stage, *, settled: bool) -> list[str]:
    """Compare what the clients of a step were told with what is stored now."""
    return await audit.compared(
        stage.database,
        stage.shop,
        stage.told,
        file=stage.at.home / audit.PROCESSOR_FILE,
        url=stage.at.servers[0].url,
        settled=settled,
    )


def _truths(stage: Stage, watches: Sequence[Watch]) -> list[Truth]:
    limit_s = READINESS_S_MAX * stage.pace.patience
    return [
        Truth(moment.what, _rounded(watches[0].turned(to_ready=moment.to_ready, since_s=moment.since_s)), limit_s)
        for moment in stage.moments
    ]


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 2)


def _judge(stage: Stage, step: Step, truths: Sequence[Truth]) -> None:
    """Add what the clients saw and must not see to the findings."""
    told = stage.told
    found = stage.findings
    found += [f"{len(told.unresolved)} requests had no answer at all, {told.unresolved[0]}"] if told.unresolved else []
    found += [f"{x.operation} was answered {x.what} ({x.phase})" for x in told.bugs]
    found += [f"{x.operation} failed after the healing: {x.what}" for x in told.late_troubles if x not in told.bugs]
    if step.is_gentle and (failed := told.failed_in("before", "fault", "healing")):
        found.append(f"{failed} requests failed, and none should: {_most(told.trouble_counts)}")
    found += [f"/readyz: {x.what} after {x.after_s} s, allowed are {x.limit_s:g} s" for x in truths if not x.is_kept]
    if not told.orders:
        found.append("no order was placed: the step shows nothing")


def _most(counts: Mapping[tuple[Phase, str], int]) -> str:
    return ", ".join(f"{what} ({phase}) × {count}" for (phase, what), count in counts.items())


def _result(stage: Stage, step: Step, *, seed: int, truths: list[Truth]) -> StepResult:
    told, shown = stage.told, stage.findings[:FINDINGS_SHOWN_MAX]
    if left := len(stage.findings) - len(shown):
        shown.append(f"… and {left} more")
    return StepResult(
        name=step.name,
        title=step.title,
        outcome="failed" if shown else "passed",
        seed=seed,
        requests=told.requests,
        orders_acked=len(told.orders),
        payments_acked=len(told.payments),
        failed_during=told.failed_in("fault", "healing"),
        failed_after=told.failed_in("after"),
        readiness=truths,
        counts=dict(stage.counts),
        troubles={f"{phase}: {what}": count for (phase, what), count in sorted(told.trouble_counts.items())},
        findings=shown,
    )
