"""What a card processor does on a bad day, and what comes of its messages when they come a thousand times."""

import asyncio
from collections import Counter

from jiedan.base.i18n import Phrase
from jiedan.torture.http_line import Exchange, Manner, honest
from jiedan.torture.stage import Skipped, Stage

HANG_S = 12.0
"""Longer than the application waits."""

LATE_S_MAX = 4.0
COPIES, COPIES_BRIEF = 1_000, 100
LONG_S = 8.0
"""A fault at least so long has time for every copy."""

MESSAGES_MAX = 6
AT_ONCE = 16
OK_FROM, OK_BELOW = 200, 300
COME_AGAIN = frozenset({429, 503})
COME_AGAIN_S = 0.5

PATIENT_TOKENS = ("tok_visa", "tok_visa", "tok_late", "tok_declined", "tok_duplicates", "tok_reorders")


async def charge_and_hang(stage: Stage) -> None:
    """Take the money, and then say nothing, or reset the connection."""

    async def hang(exchange: Exchange) -> None:
        await exchange.forward()
        stage.counts["charged, and not answered"] += 1
        if stage.rng.random() < 0.5:  # noqa: PLR2004 - half of them
            await asyncio.sleep(HANG_S)
        exchange.reset()

    async def break_off(exchange: Exchange) -> None:
        stage.counts["reset before it was done"] += 1
        exchange.reset()

    await _behaves(stage, hang, hang, break_off, honest)


async def late_and_shuffled(stage: Stage) -> None:
    """Do what is asked in another order, answer late, and do it twice."""

    async def late(exchange: Exchange) -> None:
        stage.counts["answered late"] += 1
        answer = await exchange.forward()
        await asyncio.sleep(stage.rng.uniform(0, LATE_S_MAX))
        await exchange.answer(answer)

    async def out_of_order(exchange: Exchange) -> None:
        stage.counts["done out of order"] += 1
        await asyncio.sleep(stage.rng.uniform(0, LATE_S_MAX))
        await honest(exchange)

    async def twice(exchange: Exchange) -> None:
        stage.counts["asked twice"] += 1
        await asyncio.gather(exchange.forward(), exchange.forward())
        await exchange.answer(await exchange.forward())

    await _behaves(stage, late, out_of_order, twice, honest)


async def storm(stage: Stage) -> None:
    """Send the processor's messages again, a thousand times each, shuffled, many at once."""
    line = stage.at.webhooks
    await stage.until(lambda: len(line.kept) >= MESSAGES_MAX, within_s=stage.pace.fault_s * 2)
    messages = line.kept[:MESSAGES_MAX]
    if not messages:
        raise Skipped(Phrase("the processor sent no message"))
    copies = COPIES if stage.pace.fault_s >= LONG_S else COPIES_BRIEF
    waiting = messages * copies
    stage.rng.shuffle(waiting)
    answers: Counter[int] = Counter()

    async def send() -> None:
        while waiting:
            message = waiting.pop()
            status = int((await line.send(message)).split(b" ", 2)[1])
            if status in COME_AGAIN:  # as a processor does that hears this
                stage.counts["told to come again"] += 1
                waiting.insert(0, message)
                await asyncio.sleep(COME_AGAIN_S)
                continue
            answers[status] += 1

    await asyncio.gather(*(send() for _ in range(AT_ONCE)))
    stage.counts["messages"] += len(messages)
    stage.counts["copies sent"] += answers.total()
    bad = {status: count for status, count in answers.items() if not OK_FROM <= status < OK_BELOW}
    if bad:
        stage.findings.append(f"copies of a message were answered {bad}")


async def _behaves(stage: Stage, *manners: Manner) -> None:
    """Behave in one of these manners at each request, as chance has it, as long as the fault lasts."""

    async def manner(exchange: Exchange) -> None:
        await stage.rng.choice(manners)(exchange)

    stage.at.to_processor.manner = manner
    before = stage.at.to_processor.passed
    await stage.lasts()
    stage.counts["requests to the processor"] += stage.at.to_processor.passed - before
