"""Kill a process at each point of a scenario, start it anew, ask again, and compare with one clean success."""

import dataclasses
import itertools
import json
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

import msgspec

from tests.crashes import books
from tests.crashes.books import Effect
from tests.crashes.ground import Ground, Moment
from tests.crashes.nursery import Done, Work

SWEEP = ("periodic", "payments.sweep")
"""What the worker does about payments that were not answered."""

LATER = timedelta(minutes=1)
"""When the restarted process is asked again: leases of the dead one have ended."""

SHOWN_BEFORE, SHOWN_AFTER = 150, 450
"""Characters of two answers that are shown around the first that differs."""

MUCH_LATER = timedelta(minutes=20)
"""When what follows is done: what was not answered is asked about."""


@dataclasses.dataclass(frozen=True)
class Scenario:
    """A write: how to set the stage, which returns the work; what follows it; what a repetition may be answered."""

    name: str
    stage: Callable[[Ground], Awaitable[Work]]
    follows: Sequence[tuple[str, str]] = ()
    """Drains and periodic work (`do`, `name`) that the worker does after it."""

    again: frozenset[str] = frozenset()
    """What answers that say it was done already have in them; without any, a repetition is answered like the first."""

    may_repeat: str = ""
    """Why it may be done twice, if it may: then, and nothing else."""

    is_whole: bool = True
    """All of it was done, so the books balance; not where one handler alone heard of what happened."""

    is_in_steps: bool = False
    """Another request may do the steps that one that died has left; which did what is not compared."""

    judge: Callable[[books.Rows, books.Rows], str] | None = None
    """What is wrong with what came of it, empty for nothing, where it need not be what one clean success leads to."""

    leaves_nothing: bool = False
    """It only answers; every other scenario changes something, or its stage is not set right."""

    but_for: frozenset[str] = frozenset()
    """Fields of the first answer that a repetition has otherwise, by their paths (`operations.state`); then it has no
    others, and `again` in it."""

    leads: Callable[[Ground, Done, books.Rows], str] | None = None
    """What is wrong with where an answer leads, empty for nothing, where a secret in its address says to what."""

    @property
    def is_finished_by_others(self) -> bool:
        """The sweeper may finish what somebody else began: who did it is not compared."""
        return self.is_in_steps or SWEEP in self.follows


@dataclasses.dataclass(frozen=True)
class Fault:
    """A point whose retry did not lead to what one clean success leads to."""

    scenario: str
    point: str
    what: str


class Tried(NamedTuple):
    """A point that was tried: what is wrong, and whether anything was left, so that it was asked for again."""

    faults: list[Fault]
    is_asked_again: bool


@dataclasses.dataclass
class Walk:
    """A scenario with its clean success: `points` are the places to die at."""

    ground: Ground
    scenario: Scenario
    work: Work
    moment: Moment
    clean: Done
    effect: Effect
    twice: Effect
    """What doing it again after it was done leads to, where that is meant; else the same as once."""

    known: frozenset[str]

    @property
    def points(self) -> range:
        """The numbers of the points."""
        return range(len(self.clean.passed))

    async def tried(self, point: int) -> Tried:
        """Die at a point, be asked again, and return what is not as it should be; then let all be as before."""
        ground = self.ground
        died = ground.nursery.do(msgspec.structs.replace(self.work, kill_at=point))
        ground.books.wait_until_alone()
        name = f"{point + 1} of {len(self.clean.passed)}, {self.clean.passed[point]}"
        found = [f"was not reached: {died}"] if died.error != "killed" else []
        left = ground.rows()
        was_done = bool(books.changed(self.moment.rows, left))
        if point and not was_done and ground.outside.remembered() == self.moment.remembered:
            return Tried(self._told(name, found), False)  # as if nobody had asked: the clean success itself comes of it
        again = ground.nursery.do(msgspec.structs.replace(self.work, at=self.work.at + LATER))
        _follow(ground, self.scenario, self.work)
        ground.books.wait_until_alone()
        after = ground.rows()
        found += [self._answer_fault(again, was_done=was_done), self._effect_fault(after)]
        found += [_led_astray(ground, self.scenario, again, after)]
        found += await ground.findings() if self.scenario.is_whole else ()
        ground.bring_back(self.moment)
        return Tried(self._told(name, found), True)

    def _told(self, point: str, found: Sequence[str]) -> list[Fault]:
        return [Fault(self.scenario.name, point, what) for what in found if what]

    def _effect_of(self, after: books.Rows) -> Effect:
        return books.effect(self.moment.rows, after, self.known, by_anybody=self.scenario.is_finished_by_others)

    def _answer_fault(self, again: Done, *, was_done: bool) -> str:
        if again.error:
            return f"failed: {again.error}"
        if (said := _said(again, self.known)) == (first := _said(self.clean, self.known)):
            return ""
        if was_done and not self.scenario.but_for and any(word in said for word in self.scenario.again):
            return ""
        if was_done and self._is_repeated(again):
            return ""
        alike = sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(said, first, strict=False)))
        shown = slice(max(0, alike - SHOWN_BEFORE), alike + SHOWN_AFTER)
        return f"answered {said[shown]}\n      not {first[shown]}"

    def _is_repeated(self, again: Done) -> bool:
        """Tell whether an answer is the first one said again: 200 may say that what was made then is there."""
        is_same = (again.status, again.content_type) == (self.clean.status, self.clean.content_type)
        is_there = (again.status, self.clean.status) == (200, 201) and again.content_type == self.clean.content_type
        if not (is_same or is_there):
            return False
        first, said = (books.answer(x.content.decode(errors="replace"), self.known) for x in (self.clean, again))
        if first == said or not self.scenario.but_for:
            return first == said
        says_so = not self.scenario.again or any(word in said for word in self.scenario.again)
        return says_so and _differences(first, said) <= self.scenario.but_for

    def _effect_fault(self, after: books.Rows) -> str:
        if self.scenario.judge is not None:
            return self.scenario.judge(self.moment.rows, after)
        found = self._effect_of(after)
        if found in {self.effect, self.twice}:
            return ""
        more, less = _counted(found) - _counted(self.effect), _counted(self.effect) - _counted(found)
        if self.scenario.may_repeat and not less and more <= _counted(self.effect):
            return ""
        return f"left more {sorted(more)[:6]}\n      less {sorted(less)[:6]}"


async def begin(ground: Ground, scenario: Scenario) -> Walk:
    """Set the stage, and do the work once, undisturbed; afterwards all is as before it."""
    work = await scenario.stage(ground)
    moment = await ground.rest()
    clean = ground.nursery.do(work)
    _follow(ground, scenario, work)
    ground.books.wait_until_alone()
    after = ground.rows()
    known = books.names(moment.rows)
    assert not clean.error, f"{scenario.name}: {clean.error}"
    assert clean.status < 400, f"{scenario.name}: {clean.status} {clean.content.decode()[:400]}"
    by_anybody = scenario.is_finished_by_others
    left = books.effect(moment.rows, after, known, by_anybody=by_anybody)
    findings = await ground.findings() if scenario.is_whole else ()
    assert left or scenario.leaves_nothing, f"{scenario.name} did nothing: {clean.content.decode()[:400]}"
    assert not findings, f"{scenario.name}: {findings}"
    astray = _led_astray(ground, scenario, clean, after)
    assert not astray, f"{scenario.name}: {astray}"
    twice = left
    if scenario.may_repeat:
        ground.nursery.do(msgspec.structs.replace(work, at=work.at + LATER))
        ground.books.wait_until_alone()
        twice = books.effect(moment.rows, ground.rows(), known, by_anybody=by_anybody)
    ground.bring_back(moment)
    return Walk(ground, scenario, work, moment, clean, left, twice, known)


def _counted(effect: Effect) -> Counter[tuple[str, str]]:
    return Counter({(table, text): count for table, text, count in effect})


def _follow(ground: Ground, scenario: Scenario, work: Work) -> None:
    for do, name in scenario.follows:
        then = Work(do=do, at=work.at + MUCH_LATER, tenant=work.tenant, name=name, is_mailing=work.is_mailing)
        done = ground.nursery.do(then)
        assert not done.error, f"{scenario.name}, {name}: {done.error}"


def _led_astray(ground: Ground, scenario: Scenario, done: Done, after: books.Rows) -> str:
    return "" if scenario.leads is None else scenario.leads(ground, done, after)


def _differences(first: str, again: str) -> frozenset[str]:
    """Return the paths of what differs in two answers of the API, without the places in lists."""
    before, after = (Counter(_leaves(json.loads(text), "")) for text in (first, again))
    return frozenset(_PLACE.sub("", path).removeprefix(".") for path, _ in (before - after) + (after - before))


def _leaves(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from _leaves(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list) and value:
        for place, inner in enumerate(value):
            yield from _leaves(inner, f"{path}[{place}]")
    else:
        yield path, json.dumps(value)


_PLACE = re.compile(r"\[\d+\]")


def _said(done: Done, known: frozenset[str]) -> str:
    head = f"{done.status} {done.content_type} {done.location}"
    return f"{books.answer(head, known)} {books.answer(done.content.decode(errors='replace'), known)}"
