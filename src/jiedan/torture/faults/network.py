"""What the network does between the application and PostgreSQL."""

from jiedan.torture.database_line import Cut
from jiedan.torture.stage import Stage

CUT_ONE_IN = 12
DELAY_S = 0.03
"""Each piece, each way: a transaction of eight round trips takes half a second more."""

DOWN_S_MIN = 5.0


async def cut_at_commit(stage: Stage) -> None:
    """Cut lines around COMMIT: before it is sent, as it is sent, after it is done and before its reply."""
    cuts: tuple[Cut, ...] = ("before", "sent", "done", "done")

    def cut() -> Cut:
        return stage.rng.choice(cuts) if stage.rng.randrange(CUT_ONE_IN) == 0 else "no"

    line = stage.at.line
    before = (line.seen.cut_before, line.seen.cut_sent, line.seen.cut_done)
    line.condition.cut = cut
    await stage.lasts()
    line.heal()
    now = (line.seen.cut_before, line.seen.cut_sent, line.seen.cut_done)
    for name, then, since in zip(("before", "as it was sent", "after it was done"), before, now, strict=True):
        stage.counts[f"cut {name}"] += since - then
    if not stage.counts["cut after it was done"]:
        stage.findings.append("no commit was cut after it was done: the step shows nothing")


async def reset(stage: Stage) -> None:
    """Reset all connections, again and again."""
    for _ in range(5):
        stage.counts["connections reset"] += stage.at.line.reset_all()
        await stage.lasts(stage.pace.fault_s / 5)


async def half_open(stage: Stage) -> None:
    """Let every open connection fall silent for ever, and let nobody answer new ones; then new ones are good again."""
    line = stage.at.line
    line.condition.is_deaf = True
    stage.counts["connections gone silent"] += line.mute_all()
    stage.is_not_ready("not ready, the database is silent")
    await stage.lasts(max(DOWN_S_MIN * stage.pace.patience, stage.pace.fault_s))
    line.heal()
    stage.is_ready("ready, new connections are good")


async def slow(stage: Stage) -> None:
    """Delay everything that goes to the database and comes from it."""
    stage.at.line.condition.delay_s = DELAY_S
    await stage.lasts()
    stage.at.line.heal()
