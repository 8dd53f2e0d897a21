"""The stage of one step: what a fault can lay its hands on, and where it writes down what it did."""

import asyncio
import dataclasses
import random  # noqa: TID251 - seeded, so that a step can be played again
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Literal

from jiedan.base.db import Database
from jiedan.base.i18n import Phrase
from jiedan.torture.installation import Installation, Server
from jiedan.torture.load import TOKENS, Load
from jiedan.torture.processes import Kind
from jiedan.torture.shop import Shop
from jiedan.torture.told import Told

READINESS_S_MAX = 3.0
POLL_S = 0.05


Readiness = Literal["able", "gone", "unable", "busy"]
"""What `/readyz` is to say while a fault lasts:

- `able`: ready, always, for orders can be taken;
- `gone`: ready or nothing, for what serves is ended on purpose;
- `unable`: what the step says from moment to moment;
- `busy`: either, for it may be so or not at any moment.
"""


class Skipped(Exception):
    """The step cannot be done here, and why."""

    def __init__(self, why: Phrase) -> None:
        super().__init__(why)
        self.why = why


@dataclasses.dataclass(frozen=True)
class Pace:
    """How long things take. `patience` multiplies what is waited for and how soon something must be so.

    With `is_brief` nothing is done more often than needed to see it once.
    """

    load_s: float = 2.0
    """Load before a fault, and after it is healed."""

    fault_s: float = 5.0
    patience: float = 1.0
    is_brief: bool = False


@dataclasses.dataclass(frozen=True)
class Moment:
    """From here on `/readyz` of every server is to say so, or of that one.

    With `may_be_dead` it was ended on purpose, and may say nothing.
    """

    what: str
    to_ready: bool
    since_s: float
    may_be_dead: bool = False
    of: Server | None = None


@dataclasses.dataclass
class Stage:
    """One step under way; `database` goes straight to PostgreSQL, past the line."""

    at: Installation
    database: Database
    shop: Shop
    load: Load
    pace: Pace
    rng: random.Random
    counts: Counter[str] = dataclasses.field(default_factory=Counter)
    findings: list[str] = dataclasses.field(default_factory=list)
    moments: list[Moment] = dataclasses.field(default_factory=list)

    @property
    def told(self) -> Told:
        """What the clients know."""
        return self.load.told

    def is_not_ready(self, what: str, *, may_be_dead: bool = False, of: Server | None = None) -> None:
        """Say that from now on the servers, or that one, cannot take orders, which `/readyz` is to tell."""
        self._note(what, to_ready=False, may_be_dead=may_be_dead, of=of)

    def is_ready(self, what: str, *, may_be_dead: bool = False, of: Server | None = None) -> None:
        """Say that from now on the servers, or that one, can take orders again."""
        self._note(what, to_ready=True, may_be_dead=may_be_dead, of=of)

    def _note(self, what: str, *, to_ready: bool, may_be_dead: bool, of: Server | None) -> None:
        self.moments.append(Moment(what, to_ready, asyncio.get_running_loop().time(), may_be_dead, of))

    async def lasts(self, seconds: float | None = None) -> None:
        """Let the fault last."""
        await asyncio.sleep(self.pace.fault_s if seconds is None else seconds)

    async def until(self, is_so: Callable[[], bool], *, within_s: float) -> bool:
        """Wait until something is so; tell whether it became so in time."""
        loop = asyncio.get_running_loop()
        give_up_at = loop.time() + within_s * self.pace.patience
        while not is_so():
            if loop.time() > give_up_at:
                return False
            await asyncio.sleep(POLL_S)
        return True


@dataclasses.dataclass(frozen=True)
class Step:
    """One way to make a bad day: `strike` makes the fault under load, lets it last, and heals it.

    `settle` runs when the load is gone and before the audit. With `is_gentle` no request may fail at all. What `ends`
    does not name lives through the step; where neither `serve` nor `api` is named every request has an answer.
    """

    name: str
    title: str
    strike: Callable[[Stage], Awaitable[None]]
    settle: Callable[[Stage], Awaitable[None]] | None = None
    ends: frozenset[Kind] = frozenset()
    readiness: Readiness = "able"
    servers: int = 1
    processes: int = 1
    drain_s: int = 0
    """How long a server that is asked to end tells so before it refuses connections."""

    clients: int = 12
    pay: tuple[str, ...] = TOKENS
    is_gentle: bool = False
    healing_s: float = 1.0
    """When all is ready again requests may fail until so long none did: they met what nobody knew was broken."""

    has_small_disk: bool = False
    """Whether it gets an installation of its own on a disk with little room."""

    seconds: int = 25
    """About how long it takes, at the usual pace, beside its fault."""
