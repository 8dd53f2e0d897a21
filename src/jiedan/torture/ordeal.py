"""One step, whole: a fresh merchant, load, fault, heal, load again, drain, audit."""

import asyncio
import dataclasses
import random  # noqa: TID251 - seeded, so that a step can be played again
from collections.abc import Iterator, Mapping, Sequence

import httpx2
import msgspec

from jiedan.base import failures
from jiedan.base.clock import Clock
from jiedan.base.db import Database
from jiedan.torture import audit, load, processes, shop, watching
from jiedan.torture.installation import Installation, NeverReady
from jiedan.torture.stage import READINESS_S_MAX, Pace, Skipped, Stage, Step
from jiedan.torture.told import Phase
from jiedan.torture.values import StepResult, Truth
from jiedan.torture.watching import Watches

SERVES: frozenset[processes.Kind] = frozenset({"serve", "api"})
"""What answers requests; where it is ended, some have no answer."""

LATE: frozenset[processes.Kind] = frozenset({"worker"})
"""What may end a while after what ended it: a worker finishes what it has in hand."""

FINISH_S_MAX = 60.0
DRAIN_S_MAX = 60.0
SETTLE_S_MAX = 15.0
FINDINGS_SHOWN_MAX = 12
HEALING_S_MAX = 20.0
"""How much longer than a step says it may take until no request fails any more; then it is judged."""

CALM_POLL_S = 0.1


@dataclasses.dataclass
class Times:
    """When a step struck, when nothing was to fail any more, and when its load was gone."""

    struck_s: float = float("inf")
    after_s: float = float("inf")
    finished_s: float = float("inf")


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
    times = Times()
    try:
        async with watching.watching(at.servers) as watches, load.running(stage.load):
            await _struck(stage, step, times)
            await stage.load.finish(within_s=FINISH_S_MAX * pace.patience)
            times.finished_s = loop.time()
            if step.settle is not None:
                await step.settle(stage)
        checks, drained_s = await _audited(stage, clock)
    except Skipped as skipped:
        await at.bring_up()
        return StepResult(name=step.name, title=step.title, outcome="skipped", seed=seed, reason=skipped.why), None
    except (NeverReady, audit.NotDrained, audit.NotListed, httpx2.HTTPError, failures.Failure) as error:
        stage.findings.append(f"{type(error).__name__}: {error}")
        checks, drained_s = 0, 0.0
    truths = watches.truths(stage.moments, limit_s=READINESS_S_MAX * pace.patience)
    stage.findings += _lies(step, watches, times, tolerance_s=READINESS_S_MAX * (pace.patience - 1))
    _judge(stage, step, truths)
    result = _result(stage, step, seed=seed, truths=truths)
    seconds = round(loop.time() - began, 1)
    return msgspec.structs.replace(result, seconds=seconds, checks=checks, drained_s=round(drained_s, 2)), stage


async def _prepared(at: Installation, database: Database, step: Step, *, seed: int, pace: Pace, slug: str) -> Stage:
    fits = all((x.processes, x.drain_s) == (step.processes, step.drain_s) for x in at.servers[:1])
    await at.dismiss(servers=1 if fits else 0)
    for _ in range(step.servers - len(at.servers)):
        at.new_server(count=step.processes, drain_s=step.drain_s)
    await at.bring_up()
    at.webhooks.kept.clear()
    made = await shop.open_shop(database, at.servers[0].url, slug=slug)
    crowd = load.Load(made, at.servers, seed=seed, clients=step.clients, pay=step.pay)
    return Stage(at, database, made, crowd, pace, random.Random(seed))  # noqa: S311 - not a secret


async def _struck(stage: Stage, step: Step, times: Times) -> None:
    """Strike under load, heal, and let the load go on; what did not have to end is to live meanwhile."""
    loop = asyncio.get_running_loop()
    told, at = stage.told, stage.at
    await asyncio.sleep(stage.pace.load_s)
    before = at.living()
    told.phase, times.struck_s = "fault", loop.time()
    try:
        await step.strike(stage)
        _note_ended(stage, before, step.ends)
    finally:
        told.phase = "healing"
        stage.is_ready("ready, all is healed", may_be_dead=not step.ends.isdisjoint(SERVES))
        await at.bring_up()
    before = at.living()
    await _calm(stage, step)
    told.phase, times.after_s = "after", loop.time()
    await asyncio.sleep(stage.pace.load_s)
    _note_ended(stage, before, step.ends & LATE)


def _note_ended(stage: Stage, before: processes.Living, but: frozenset[processes.Kind]) -> None:
    """Add what ended without having been meant to: whatever starts it again hides that it did."""
    ended = processes.ended(before, stage.at.living(), but=but)
    stage.findings += [f"{kind} ({name}) ended, and was not to: {stage.at.last_words(name)}" for kind, name in ended]


async def _calm(stage: Stage, step: Step) -> None:
    """Wait until no request has failed for a while, as long as the step says, or for too long."""
    loop = asyncio.get_running_loop()
    since = loop.time()
    give_up_at = since + step.healing_s + HEALING_S_MAX * stage.pace.patience
    while loop.time() < min(max(since, stage.told.troubled_s) + step.healing_s, give_up_at):  # noqa: ASYNC110 - looks
        await asyncio.sleep(CALM_POLL_S)


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


def _lies(step: Step, watches: Watches, times: Times, *, tolerance_s: float) -> Iterator[str]:
    """Yield when a server said that it could not take orders, and it could."""
    meant = step.readiness == "gone"
    spans = [(0.0, times.struck_s), (times.after_s, times.finished_s)]
    if step.readiness in {"able", "gone"}:
        spans = [(0.0, times.finished_s)]
    for number, watch in enumerate(watches.of, start=1):
        for from_s, to_s in spans:
            for span in watch.not_ready(from_s=from_s, to_s=to_s, is_silence_meant=meant):
                lasted_s = span.until_s - span.since_s
                if lasted_s > tolerance_s:
                    yield f"/readyz of server {number} said {span.said} for {lasted_s:.1f} s, and it could take orders"


def _judge(stage: Stage, step: Step, truths: Sequence[Truth]) -> None:
    """Add what the clients saw and must not see to the findings."""
    told = stage.told
    found = stage.findings
    found += [f"{len(told.unresolved)} requests had no answer at all, {told.unresolved[0]}"] if told.unresolved else []
    found += [f"{x.operation} was answered {x.what} ({x.phase})" for x in told.bugs]
    found += [f"{x.operation} failed after the healing: {x.what}" for x in told.late_troubles if x not in told.bugs]
    if step.ends.isdisjoint(SERVES) and (unanswered := told.unanswered):
        found.append(f"{len(unanswered)} requests had no answer from a server that lives: {unanswered[0].what}")
    if told.without_remedy:
        found.append(f"{told.without_remedy} answers of 503 came without Retry-After")
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
