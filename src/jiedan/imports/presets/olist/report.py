"""The report: each total and each kind of dirt of the files beside what Jiedan holds of it. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from jiedan.imports.presets.olist import totals
from jiedan.imports.presets.olist.files import Olist
from jiedan.imports.presets.olist.lives import Life


class Measure(NamedTuple):
    """One total: what the files say and what is stored, in centavos where it `is_amount`.

    `stored` is None for what facts cannot tell apart, and for what is not kept.
    """

    name: str
    told: int
    stored: int | None
    is_amount: bool = False

    @property
    def is_equal(self) -> bool:
        """Whether nothing is lost or doubled, as far as facts can tell."""
        return self.stored is None or self.stored == self.told


class Report(NamedTuple):
    """What became of a set."""

    totals: tuple[Measure, ...]
    dirt: tuple[Measure, ...]

    @property
    def is_whole(self) -> bool:
        """Whether each total is equal."""
        return all(measure.is_equal for measure in (*self.totals, *self.dirt))


def dirt_of(lives: Iterable[Life]) -> Counter[str]:
    """Return how often each kind of dirt occurs; kinds that do not occur are 0."""
    found: Counter[str] = Counter()
    for life in lives:
        for name, count in totals.dirt(life).items():
            found[name] += count
    return found


def report(olist: Olist, dirt: Mapping[str, int], stored: Mapping[str, int]) -> Report:
    """Compare the files with what is stored."""
    return Report(
        tuple(Measure(x.name, x.value, stored.get(x.name), x.is_amount) for x in totals.file_totals(olist)),
        tuple(Measure(name, count, stored.get(name)) for name, count in {**dirt, **totals.places_dirt(olist)}.items()),
    )
