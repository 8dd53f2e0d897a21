"""Decide what stands in the way of an erasure, and whether it was confirmed: pure."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from jiedan.base import i18n
from jiedan.base.errors import Refusal
from jiedan.base.i18n import N_, Phrase, Series, Word
from jiedan.cases.values import KIND_LABELS
from jiedan.customers.values import NAME_CHARACTERS_MAX
from jiedan.orders.values.erasing import Obstacle, Why
from jiedan.privacy import errors
from jiedan.privacy.values import GUEST, NUMBERS_SHOWN_MAX

_REFUSALS: Mapping[Why, Callable[[int, Series], Refusal]] = MappingProxyType(
    {
        "open": errors.OrdersOpen,
        "moving": errors.MoneyMoving,
        "owed_to": errors.MoneyOwedToCustomer,
        "owed_by": errors.MoneyOwedByCustomer,
    }
)
"""In the order in which they are told."""


def refusals(obstacles: Sequence[Obstacle], open_cases: Mapping[str, int], *, wallets: int = 0) -> list[Refusal]:
    """Return everything that stands in the way.

    `open_cases` counts by kind, without the wish to be erased itself; `wallets` are those with money in them.
    """
    found: list[Refusal] = []
    for why, refusal in _REFUSALS.items():
        numbers = [obstacle.number for obstacle in obstacles if obstacle.why == why]
        if numbers:
            found.append(refusal(len(numbers), _shown(numbers)))
    if wallets:
        found.append(errors.MoneyInWallets(wallets))
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


def guest_name(locale: str, email: str) -> str:
    """Return what a guest is called while being erased; of a long address its beginning."""
    return i18n.gettext(locale, GUEST).format(email=email)[:NAME_CHARACTERS_MAX]


def is_confirmed(typed: str, expected: str) -> bool:
    """Tell whether `typed` names whom it is about; case and white space are not looked at."""
    return " ".join(typed.split()).casefold() == expected.casefold()
