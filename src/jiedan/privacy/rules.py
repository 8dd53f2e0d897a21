"""Decide what stands in the way of an erasure, and whether it was confirmed: pure."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from jiedan.base.errors import Refusal
from jiedan.base.i18n import N_, Phrase, Series, Word
from jiedan.cases.values import KIND_LABELS
from jiedan.orders.values.erasing import Obstacle, Why
from jiedan.privacy import errors
from jiedan.privacy.values import NUMBERS_SHOWN_MAX

_REFUSALS: Mapping[Why, Callable[[int, Series], Refusal]] = MappingProxyType(
    {
        "open": errors.OrdersOpen,
        "moving": errors.MoneyMoving,
        "owed_to": errors.MoneyOwedToCustomer,
        "owed_by": errors.MoneyOwedByCustomer,
    }
)
"""In the order in which they are told."""


def refusals(obstacles: Sequence[Obstacle], open_cases: Mapping[str, int]) -> list[Refusal]:
    """Return everything that stands in the way; `open_cases` counts by kind, without the wish to be erased itself."""
    found: list[Refusal] = []
    for why, refusal in _REFUSALS.items():
        numbers = [obstacle.number for obstacle in obstacles if obstacle.why == why]
        if numbers:
            found.append(refusal(len(numbers), _shown(numbers)))
    if open_cases:
        found.append(errors.CasesOpen(Series(Word(kind, KIND_LABELS) for kind in sorted(open_cases))))
    return found


def _shown(numbers: Sequence[str]) -> Series:
    more = len(numbers) - NUMBERS_SHOWN_MAX
    others = [Phrase(N_("{count} more"), count=more)] if more > 0 else []
    return Series([*numbers[:NUMBERS_SHOWN_MAX], *others])


def word_of(*texts: str) -> str:
    """Return what has to be typed to confirm: the first of the texts that says something."""
    return next(" ".join(text.split()) for text in texts if text.strip())


def is_confirmed(typed: str, expected: str) -> bool:
    """Tell whether `typed` names whom it is about; case and white space are not looked at."""
    return " ".join(typed.split()).casefold() == expected.casefold()
