"""Pure decisions: what becomes of a message after a try, in which language it is, what may be chosen."""

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from jiedan.accounts.events import SessionsEnded
from jiedan.base import i18n
from jiedan.base.errors import Refusal
from jiedan.base.events import Actor
from jiedan.base.i18n import Series
from jiedan.notifications import errors, values
from jiedan.notifications.values import MailSettings, State

ATTEMPTS_MAX = 8
BACKOFF_MAX = timedelta(hours=6)
SENDING_MAX = timedelta(minutes=10)
"""Whoever claimed a message is believed to be at it for so long; then nobody knows whether it was sent."""

WAITING_MAX = timedelta(days=2)
"""What waits longer for somebody to send it is no news any more."""

_ADDRESS = re.compile(r"[!-?A-~]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+")
STUCK: frozenset[State] = frozenset({"failed", "unknown", "dropped"})
"""States from which a person may let a message be tried again."""


PUSH_ATTEMPTS_MAX = 6
PUSHING_MAX = timedelta(minutes=2)
"""Whoever claimed a push is believed to be at it for so long; then another tries."""

PUSH_WAITING_MAX = timedelta(days=1)
"""What could not be pushed for longer is read under the bell."""


class Tried(NamedTuple):
    """What a try came to: `sent`, `later` (try again), `refused` (never will), `unknown` or `dropped`; and why."""

    outcome: str
    failure: str | None = None


class Next(NamedTuple):
    """The state of a message from now on; `available_at` is when a queued one is tried again."""

    state: State
    available_at: datetime
    failure: str | None


def push_again_at(*, attempts: int, at: datetime) -> datetime | None:
    """Return when a push is tried again after its `attempts`-th try; None when it is given up."""
    return None if attempts >= PUSH_ATTEMPTS_MAX else at + timedelta(minutes=4**attempts / 2)


def after(tried: Tried, *, attempts: int, at: datetime) -> Next:
    """Return what becomes of a message after its `attempts`-th try: back-off, then given up."""
    match tried.outcome:
        case "sent":
            return Next("sent", at, None)
        case "unknown":
            return Next("unknown", at, tried.failure)
        case "dropped":
            return Next("dropped", at, tried.failure)
        case "later" if attempts < ATTEMPTS_MAX:
            return Next("queued", at + backoff(attempts), tried.failure)
        case _:
            return Next("failed", at, tried.failure)


def backoff(attempts: int) -> timedelta:
    """Return the pause after the `attempts`-th try: 1, 4, 16, 64 minutes, at most `BACKOFF_MAX`."""
    return min(timedelta(minutes=4 ** (attempts - 1)), BACKOFF_MAX)


def person_of(actor: Actor) -> UUID:
    """Return which of the staff is acting. Raises ForPeopleOnly for a program."""
    if actor.kind != "staff":
        raise errors.ForPeopleOnly
    return UUID(actor.id)


def language(wishes: Iterable[str | None], *, offered: Sequence[str], default: str) -> str:
    """Return the first of the wished languages that the merchant offers, else `default`."""
    for wish in wishes:
        locale = i18n.match(wish) if wish else None
        if locale is not None and locale in offered:
            return locale
    return default


def is_address(text: str) -> bool:
    """Tell whether mail can go to, or come from, an address; mail servers take others only among themselves."""
    return len(text) <= values.ADDRESS_CHARACTERS_MAX and _ADDRESS.fullmatch(text) is not None


def ended_sessions(ended: Iterable[SessionsEnded]) -> tuple[set[UUID], dict[UUID, UUID]]:
    """Return the sessions after which nothing came in the same browser, and for each other the last that followed it.

    `ended` is in the order in which it happened; one that follows and is ended later leaves nothing either.
    """
    over: set[UUID] = set()
    next_of: dict[UUID, UUID] = {}
    for event in ended:
        if event.follower_id is None:
            over.update(event.session_ids)
        else:
            next_of.update(dict.fromkeys(event.session_ids, event.follower_id))
    last_of: dict[UUID, UUID] = {}
    for session_id, follower_id in next_of.items():
        last = follower_id
        while last in next_of:
            last = next_of[last]
        last_of[session_id] = last
    over |= {session_id for session_id, last in last_of.items() if last in over}
    return over, {session_id: last for session_id, last in last_of.items() if last not in over}


def masked(address: str) -> str:
    """Return so much of an address as its owner knows it by: the first sign, and what follows the at sign."""
    name, _, host = address.rpartition("@")
    return f"{name[:1]}***@{host}"


def check_settings(settings: MailSettings, *, optional: Collection[str]) -> list[Refusal]:
    """Return what is wrong with what a merchant chose; only mails in `optional` can be switched off."""
    found: list[Refusal] = [
        errors.AddressInvalid(address, field=name)
        for name, address in (("from_address", settings.from_address), ("reply_to", settings.reply_to))
        if address is not None and not is_address(address)
    ]
    return [*found, *check_kinds(settings.silenced, known=optional, field="silenced")]


def check_kinds(kinds: Sequence[str], *, known: Collection[str], field: str) -> list[Refusal]:
    """Return a refusal for each kind that is not known."""
    return [
        errors.MailUnknown(kind, Series(sorted(known)), field=f"{field}[{i}]")
        for i, kind in enumerate(kinds)
        if kind not in known
    ]
