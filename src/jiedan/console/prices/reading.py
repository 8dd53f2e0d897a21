"""Reads the inputs of a rule's form one by one, and remembers everything that is wrong with them. Pure."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TypeVar

from jiedan.base.errors import Refusal, Rejections
from jiedan.console import amounts as single
from jiedan.console.prices import measures, typed
from jiedan.console.prices.measures import MeasureKind
from jiedan.console.prices.typed import Typing
from jiedan.pricing.values import promotions

T = TypeVar("T")


class Reading:
    """One form: how the merchant writes, what was typed, and what is wrong with it so far."""

    def __init__(self, how: Typing, raw: Mapping[str, list[str]], reasons: Iterable[Refusal] = ()) -> None:
        self.how, self.raw = how, raw
        self.reasons: list[Refusal] = list(reasons)

    def tried(self, read: Callable[[], T], instead: T) -> T:
        """Return what is read, or `instead` where that is refused, with the reason remembered."""
        try:
            return read()
        except Refusal as refusal:
            self.reasons.append(refusal)
            return instead

    def amounts(self, text: str, field: str) -> promotions.Amounts:
        """Return amounts by currency."""
        nothing: promotions.Amounts = {}
        return self.tried(lambda: typed.amounts(text, self.how, field), nothing)

    def amount(self, text: str, currency: str, field: str) -> int | None:
        """Return one amount in minor units; None for nothing."""
        return self.tried(lambda: single.typed_if_any(text, currency, field=field), None)

    def reduction(self, text: str, field: str) -> tuple[int, promotions.Amounts]:
        """Return a rate, or amounts by currency."""
        nothing: tuple[int, promotions.Amounts] = (0, {})
        return self.tried(lambda: typed.reduction(text, self.how, field), nothing)

    def rate(self, text: str, field: str) -> int:
        """Return a rate in parts per million; 0 for nothing."""
        return self.tried(lambda: typed.rate(text, field), 0) if text else 0

    def count(self, text: str, field: str) -> int | None:
        """Return a whole number; None for nothing."""
        return self.tried(lambda: typed.count(text, field), None)

    def whole(self, text: str, field: str) -> int:
        """Return a whole number; 0 for nothing."""
        return self.count(text, field) or 0

    def measure(self, text: str, kind: MeasureKind, field: str) -> int | None:
        """Return grams, millimeters or cubic millimeters; None for nothing."""
        return self.tried(lambda: measures.read(text, kind, field), None)

    def number(self, text: str, field: str) -> Decimal | None:
        """Return a plain decimal; None for nothing."""
        return self.tried(lambda: measures.number(text, field), None)

    def text(self, name: str) -> str:
        """Return what was typed into an input."""
        return next(iter(self.raw.get(name, ())), "")

    def column(self, name: str) -> Sequence[str]:
        """Return what was typed into all inputs of one name."""
        return self.raw.get(name, ())

    def moment(self, text: str, field: str) -> dt.datetime | None:
        """Return a moment; None for nothing."""
        return self.tried(lambda: typed.moment(text, self.how, field), None)

    def note(self, problems: Iterable[Refusal], place_of: Callable[[str], str]) -> None:
        """Remember what the rules say is wrong, at inputs that nothing is known against yet."""
        told = {reason.field for reason in self.reasons}
        for problem in problems:
            problem.field = place_of(problem.field or "")
            if problem.field not in told:
                told.add(problem.field)
                self.reasons.append(problem)

    def finish(self) -> None:
        """Raise Rejections with everything that is wrong, if anything is."""
        if self.reasons:
            raise Rejections(tuple(self.reasons))
