"""What clients were told: the testimony that is compared with what is stored. Nothing here asks anybody."""

import dataclasses
from collections import Counter
from typing import Literal
from uuid import UUID

Phase = Literal["before", "fault", "healing", "after"]
TROUBLES_KEPT_MAX = 1_000

INTERNAL_ERROR, SERVER_ERROR = 500, 500


@dataclasses.dataclass(frozen=True)
class Acked:
    """An order a client was told of, with the units it asked for by SKU."""

    order_id: UUID
    number: str
    total_minor: int
    units: dict[str, int]


@dataclasses.dataclass(frozen=True)
class Trouble:
    """A request that had no good answer: `what` is a status with its code, or the name of an error of the network."""

    at_s: float
    phase: Phase
    operation: str
    what: str
    status: int


@dataclasses.dataclass
class Told:
    """Everything that the clients of one step know."""

    phase: Phase = "before"
    requests: int = 0
    answers: Counter[str] = dataclasses.field(default_factory=Counter)
    troubles: list[Trouble] = dataclasses.field(default_factory=list)
    trouble_counts: Counter[tuple[Phase, str]] = dataclasses.field(default_factory=Counter)
    orders: dict[str, Acked] = dataclasses.field(default_factory=dict)
    """By key."""

    canceled: set[UUID] = dataclasses.field(default_factory=set)
    payments: dict[str, UUID] = dataclasses.field(default_factory=dict)
    """By key: which payment it made."""

    contradictions: list[str] = dataclasses.field(default_factory=list)
    unresolved: list[str] = dataclasses.field(default_factory=list)
    without_remedy: int = 0
    """Answers of 503 that did not say when to come again."""

    troubled_s: float = float("-inf")
    """When the last request failed."""

    def trouble(self, trouble: Trouble) -> None:
        """Write down a request that had no good answer; what nothing explains is kept, however much else went wrong."""
        self.trouble_counts[trouble.phase, trouble.what] += 1
        self.troubled_s = trouble.at_s
        is_judged = trouble.phase == "after" or trouble.status == INTERNAL_ERROR
        if is_judged or len(self.troubles) < TROUBLES_KEPT_MAX:
            self.troubles.append(trouble)

    def acked(self, key: str, order: Acked) -> None:
        """Write down an order; one key must always lead to one order."""
        before = self.orders.setdefault(key, order)
        if before.order_id != order.order_id:
            self.contradictions.append(f"key {key} led to order {before.number} and to {order.number}")

    def paid(self, key: str, payment_id: UUID) -> None:
        """Write down a payment; one key must always lead to one payment."""
        before = self.payments.setdefault(key, payment_id)
        if before != payment_id:
            self.contradictions.append(f"key {key} led to payment {before} and to {payment_id}")

    @property
    def bugs(self) -> list[Trouble]:
        """What nothing explains, whatever the weather: a 500."""
        return [t for t in self.troubles if t.status == INTERNAL_ERROR]

    @property
    def unanswered(self) -> list[Trouble]:
        """The requests that had no answer at all: a broken connection, or a dead port."""
        return [t for t in self.troubles if not t.status]

    @property
    def late_troubles(self) -> list[Trouble]:
        """What nothing explains any more after the healing: every 5xx, and every broken connection."""
        return [t for t in self.troubles if t.phase == "after" and (t.status >= SERVER_ERROR or not t.status)]

    def failed_in(self, *phases: Phase) -> int:
        """Return how many requests had no good answer in these phases."""
        return sum(count for (phase, _), count in self.trouble_counts.items() if phase in phases)
