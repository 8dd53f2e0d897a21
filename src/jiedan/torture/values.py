"""What a torture found: one result per step, and the report of all."""

from datetime import datetime
from typing import Literal

import msgspec

Outcome = Literal["passed", "failed", "skipped"]


class Truth(msgspec.Struct, frozen=True):
    """How soon `/readyz` told the truth: `after_s` None when it never did within the step."""

    what: str
    after_s: float | None
    limit_s: float

    @property
    def is_kept(self) -> bool:
        """Whether it was soon enough."""
        return self.after_s is not None and self.after_s <= self.limit_s


class StepResult(msgspec.Struct, frozen=True, kw_only=True):
    """One step: what was done, what was counted, and what was wrong. `findings` empty means that all held."""

    name: str
    title: str
    outcome: Outcome
    seed: int
    seconds: float = 0.0
    requests: int = 0
    orders_acked: int = 0
    payments_acked: int = 0
    failed_during: int = 0
    """Requests without a good answer while the fault lasted and healed; each was sent again until it had one."""

    failed_after: int = 0
    checks: int = 0
    drained_s: float = 0.0
    readiness: list[Truth] = []
    counts: dict[str, int] = {}
    troubles: dict[str, int] = {}
    findings: list[str] = []
    reason: str = ""
    """Why it was skipped."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A torture whole.

    `commit` is that of the source tree it ran from, with `+` behind it where files were changed since; empty where it
    ran from an installed package, which its version names.
    """

    version: str
    commit: str
    postgresql: str
    python: str
    machine: str
    began_at: datetime
    seconds: float
    seed: int
    steps: list[StepResult]

    @property
    def has_failed(self) -> bool:
        """Whether a step found something."""
        return any(step.outcome == "failed" for step in self.steps)
