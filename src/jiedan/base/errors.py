"""The ways to be refused.

The whole tree::

    Refusal
    ├── NotFound      the thing does not exist for this caller            (404)
    ├── Conflict      the thing exists, but not in a state that allows it (409)
    ├── Forbidden     the caller may not do this                          (403)
    ├── Invalid       what was sent can never be right                    (422)
    └── Unavailable   not now; trying again later is meant to work        (503)

A module's errors subclass one of the five as dataclasses, carry typed data and have a stable `code`. The HTTP status
lives in `base/web/problems.py` alone. Inside a batch a refusal is a value; alone it is raised. Anything that is not a
`Refusal` is a bug.
"""

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, TypeVar

from jiedan.base.i18n import N_, Phrase, Told

T = TypeVar("T")


@dataclasses.dataclass(eq=False)
class Refusal(Exception):
    """Say no, by name: what was refused, which input it concerns, and what would help.

    `message` and `remedy` are message ids with named placeholders filled from the dataclass fields.
    `field` is the path of the input concerned, like `lines[2].sku`.
    """

    code: ClassVar[str] = "refused"
    message: ClassVar[str] = N_("This was refused.")
    remedy: ClassVar[str] = ""

    field: str | None = dataclasses.field(default=None, kw_only=True)

    def data(self) -> Mapping[str, Any]:
        """Return the typed fields of this refusal, without `field`; phrases as plain English, numbers as such."""
        return {f.name: _sent(getattr(self, f.name)) for f in dataclasses.fields(self) if f.name != "field"}

    def __str__(self) -> str:
        words = {name: getattr(self, name, value) for name, value in self.data().items()}
        text = self.message.format(**words)
        remedy = self.remedy.format(**words) if self.remedy else ""
        return f"{text} {remedy}".strip()


def _sent(value: Any) -> Any:
    """Return a field as it is sent."""
    if isinstance(value, Told):
        return int(value)
    return str(value) if isinstance(value, Phrase) else value


@dataclasses.dataclass(eq=False)
class NotFound(Refusal):
    """The thing does not exist for this caller; another merchant's things do not exist either."""

    code: ClassVar[str] = "not_found"
    message: ClassVar[str] = N_("This does not exist.")
    remedy: ClassVar[str] = N_("Check how it is written, or find it in its list.")


@dataclasses.dataclass(eq=False)
class Conflict(Refusal):
    """The thing exists, but its state does not allow what was asked."""

    code: ClassVar[str] = "conflict"
    message: ClassVar[str] = N_("This conflicts with the present state.")


@dataclasses.dataclass(eq=False)
class Forbidden(Refusal):
    """The caller is known and may not do this."""

    code: ClassVar[str] = "forbidden"
    message: ClassVar[str] = N_("You may not do this.")


@dataclasses.dataclass(eq=False)
class Invalid(Refusal):
    """What was sent can never be right, whatever the state."""

    code: ClassVar[str] = "invalid"
    message: ClassVar[str] = N_("This is not valid.")


@dataclasses.dataclass(eq=False)
class Unavailable(Refusal):
    """Not now; the same request later is meant to work."""

    code: ClassVar[str] = "unavailable"
    message: ClassVar[str] = N_("This is not available right now.")
    remedy: ClassVar[str] = N_("Try again in a moment.")

    retry_after_s: int = dataclasses.field(default=1, kw_only=True)


@dataclasses.dataclass(eq=False)
class Overtaken(Unavailable):
    """Another transaction changed, between two reads of this one, what the first had found; another run sees it.

    `Database.write` runs the work again, so a caller hears of it only when every run was overtaken.
    """

    code: ClassVar[str] = "overtaken"
    message: ClassVar[str] = N_("Somebody else changed this at the same moment.")


@dataclasses.dataclass(eq=False)
class Rejections(Invalid):
    """Several reasons at once; business validation names all of them."""

    code: ClassVar[str] = "rejected"
    message: ClassVar[str] = N_("{count} problems were found.")

    reasons: tuple[Refusal, ...]

    def data(self) -> Mapping[str, Any]:
        """Return the number of reasons; the reasons themselves are rendered one by one."""
        return {"count": len(self.reasons)}


def reasons_of(refusal: Refusal) -> tuple[Refusal, ...]:
    """Return what a refusal consists of: itself, where it is not several at once."""
    return refusal.reasons if isinstance(refusal, Rejections) else (refusal,)


def one_of(reasons: Sequence[Refusal], *, field: str | None = None) -> Refusal:
    """Return the only reason, or all of them as one refusal about `field`."""
    return reasons[0] if len(reasons) == 1 else Rejections(tuple(reasons), field=field)


def renamed(refusal: Refusal, called: Callable[[str], str | None]) -> Refusal:
    """Return a refusal, each of its reasons at the field that `called` names: what it is called where it is read."""
    reasons = reasons_of(refusal)
    for reason in reasons:
        if reason.field:
            reason.field = called(reason.field) or None
    return one_of(reasons)


@dataclasses.dataclass(eq=False)
class StaleVersion(Conflict):
    """Somebody changed the thing since the caller read it."""

    code: ClassVar[str] = "stale_version"
    message: ClassVar[str] = N_("{changed_by} changed this meanwhile: {changed}.")
    remedy: ClassVar[str] = N_("Load it again and repeat your change.")

    expected: int
    current: int
    changed_by: str
    changed: str


def accepted(outcomes: "Iterable[T | Refusal]") -> list[T]:
    """Return the outcomes of a set, none of which may be a refusal. Raises the first one that is."""
    made: list[T] = []
    for outcome in outcomes:
        if isinstance(outcome, Refusal):
            raise outcome
        made.append(outcome)
    return made
