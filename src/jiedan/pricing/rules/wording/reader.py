"""Who is told about prices: the language, the merchant's clock, and what is behind codes."""

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

import babel.dates

from jiedan.base import i18n, money
from jiedan.base.i18n import N_
from jiedan.pricing.values import promotions

NAMES_SHOWN_MAX = 5
"""Names in one row of a sentence; of more it is said how many there are."""

_PERCENT_DIGITS = 4
"""Parts per million are percents with four decimals."""


class Reader(NamedTuple):
    """For whom sentences are made.

    `names` are by kind and code: `sku:`, `product:`, `category:`, `brand:` and `tag:` as traits are written,
    `promotion:`, `channel:`, `group:`, `customer:`, `payment:`, `terms:`, `location:`. What is missing is told by its
    code. Who pays in a `currency` is told amounts in that one alone. `home` is the merchant's country, where it is
    asked for.
    """

    locale: str
    time_zone: str = "UTC"
    names: Mapping[str, str] = {}
    currency: str = ""
    home: str = ""

    def say(self, message: str, /, **values: object) -> str:
        """Return a marked message in the reader's language, its placeholders filled."""
        return i18n.translate(self.locale, message, **values)

    def name(self, kind: str, code: str) -> str:
        """Return what something is called."""
        return self.names.get(f"{kind}:{code}", code)

    def row(self, texts: Iterable[str]) -> str:
        """Return texts in a row, a few of them and how many more there are."""
        kept = list(texts)
        if len(kept) <= NAMES_SHOWN_MAX:
            return i18n.listed(self.locale, kept)
        shown = i18n.listed(self.locale, kept[:NAMES_SHOWN_MAX])
        return self.say(N_("{names} and {count} more"), names=shown, count=len(kept) - NAMES_SHOWN_MAX)

    def named(self, kind: str, codes: Iterable[str]) -> str:
        """Return what several things are called."""
        return self.row([self.name(kind, code) for code in codes])

    def clauses(self, texts: Iterable[str]) -> str:
        """Return parts of a sentence one after the other; empty ones are left out."""
        kept = [text for text in texts if text]
        told = kept[0] if kept else ""
        for text in kept[1:]:
            told = self.say(N_("{before}; {after}"), before=told, after=text)
        return told

    def money(self, minor: int, currency: str) -> str:
        """Return an amount with its currency."""
        return money.format_money(minor, currency, i18n.BABEL_BY_LOCALE[self.locale])

    def amounts(self, amounts: promotions.Amounts) -> str:
        """Return an amount in the reader's currency, or in each that it is set in."""
        if self.currency in amounts:
            return self.money(amounts[self.currency], self.currency)
        return " / ".join(self.money(minor, currency) for currency, minor in sorted(amounts.items()))

    def rate(self, ppm: int) -> str:
        """Return parts per million as a percentage, exactly."""
        number = Decimal(ppm).scaleb(-_PERCENT_DIGITS)
        return f"{number.normalize():f}%"

    def moment(self, at: dt.datetime) -> str:
        """Return a moment by the merchant's clock; the beginning of a day is the day."""
        local = at.astimezone(ZoneInfo(self.time_zone))
        day = self._day(local.date())
        return day if _is_midnight(local) else f"{day} {local:%H:%M}"

    def ending(self, at: dt.datetime) -> str:
        """Return when something ends whose first moment after is `at`: of a whole day, its last."""
        local = at.astimezone(ZoneInfo(self.time_zone))
        if not _is_midnight(local):
            return self.moment(at)
        return self._day(local.date() - dt.timedelta(days=1))

    def period(self, from_at: dt.datetime | None, until_at: dt.datetime | None) -> str:
        """Return from when until when, or an empty text for always."""
        if from_at is not None and until_at is not None:
            return self.say(N_("from {begin} through {end}"), begin=self.moment(from_at), end=self.ending(until_at))
        if from_at is not None:
            return self.say(N_("from {begin} on"), begin=self.moment(from_at))
        return self.say(N_("through {end}"), end=self.ending(until_at)) if until_at is not None else ""

    def weekday(self, number: int) -> str:
        """Return the short name of a weekday: 1 is Monday."""
        names = babel.dates.get_day_names("abbreviated", locale=i18n.BABEL_BY_LOCALE[self.locale])
        return str(names[number - 1])

    def country(self, code: str) -> str:
        """Return the name of a country; `*` is every country."""
        if code == "*":
            return self.say(N_("all countries"))
        return str(babel.Locale.parse(i18n.BABEL_BY_LOCALE[self.locale]).territories.get(code, code))

    def _day(self, day: dt.date) -> str:
        return babel.dates.format_date(day, format="medium", locale=i18n.BABEL_BY_LOCALE[self.locale])


def _is_midnight(local: dt.datetime) -> bool:
    return (local.hour, local.minute) == (0, 0)
