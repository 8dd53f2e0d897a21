"""The audit log: who did what and when, of everything that happens."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Response, get

from jiedan.accounts import queries as accounts
from jiedan.accounts.values import Staff
from jiedan.base import audit, i18n
from jiedan.base.audit import Entry, Wanted
from jiedan.base.events import Actor
from jiedan.base.i18n import N_
from jiedan.base.web import pages
from jiedan.base.web.unit import Unit
from jiedan.console import audit_words, words

ROWS = 50
SYSTEM, KEYS, PEOPLE = "system", "api_key", "staff"

AREAS: Mapping[str, str] = MappingProxyType(
    {
        "orders": N_("Orders"),
        "payments": N_("Payments"),
        "fulfillment": N_("Fulfillment"),
        "carriers": N_("Carriers"),
        "inventory": N_("Stock"),
        "catalog": N_("Products"),
        "customers": N_("Customers"),
        "pricing": N_("Prices"),
        "replays": N_("Replays of prices"),
        "sourcing": N_("Sourcing"),
        "wallets": N_("Wallets"),
        "cases": N_("Cases"),
        "imports": N_("Imports"),
        "exports": N_("Exports"),
        "bulk": N_("Bulk jobs"),
        "notifications": N_("Mail and notices"),
        "accounts": N_("Accounts and settings"),
        "base": N_("System"),
    }
)
"""Where something happened, by the module whose events tell it."""

PLACES: Mapping[str, str] = MappingProxyType(
    {
        "order": "/orders/{}",
        "customer": "/customers/{}",
        "customer_group": "/customer-groups/{}",
        "product": "/products/{}",
        "coupon_batch": "/coupons/{}",
        "case": "/cases/{}",
        "import": "/imports/{}",
        "staff": "/staff/{}",
        "wallet": "/wallets/{}",
        "replay": "/prices/replays/{}",
    }
)
"""Where a thing is looked at, by the kind of subject."""


class Asked(NamedTuple):
    """What the address asks for; empty texts ask for nothing."""

    who: str
    area: str
    about: str
    until: str
    before: str


class Line(NamedTuple):
    """An entry as it is shown: by whom, in which words, what it tells, and where its subject is looked at."""

    entry: Entry
    by: str
    happened: words.Happened
    facts: Sequence[tuple[str, str]]
    place: str


@get("/audit", permission="events:read")
async def audit_page(unit: Unit) -> Response[str]:
    """Show what happened, latest first."""
    given = unit.request.query_params
    asked = Asked(*(given.get(name) or "" for name in Asked._fields))
    async with unit.read() as tx:
        people = await accounts.staff(tx)
        found = await audit.entries(tx, wanted=_wanted(unit, asked), before=_uuid(asked.before), limit=ROWS)
        names = await tx.load_one(accounts.actor_names({entry.actor for entry in found.entries}))
    return pages.render(
        unit,
        "console/audit.html",
        asked=asked,
        areas=[(area, i18n.gettext(unit.locale, label)) for area, label in AREAS.items()],
        people=sorted(people, key=_name),
        lines=[_line(entry, names) for entry in found.entries],
        older=_address(asked, found.next) if found.next is not None else "",
        looked_at_max=audit.LOOKED_AT_MAX,
    )


def _wanted(unit: Unit, asked: Asked) -> Wanted:
    kind, _, actor_id = asked.who.partition(":")
    about = _uuid(asked.about)
    if asked.about and about is None:
        about = UUID(int=0)  # what is no id of anything finds nothing
    until = None
    if day := _day(asked.until):
        zone = ZoneInfo(unit.principal.time_zone)
        until = datetime.combine(day + timedelta(days=1), datetime.min.time(), tzinfo=zone)
    return Wanted(kind, actor_id, asked.area, about, until)


def _line(entry: Entry, names: Mapping[Actor, str]) -> Line:
    happened = words.HAPPENINGS.get(entry.kind) or audit_words.HAPPENINGS.get(entry.kind) or words.Happened(entry.kind)
    told = {**entry.data, **(entry.private or {})}
    facts = [(name, _fact(value)) for name, value in told.items() if value not in (None, "", [], {})]
    place = PLACES.get(entry.subject_kind, "").format(entry.subject_id)
    by = words.SYSTEM if entry.actor.kind == SYSTEM else names.get(entry.actor, entry.actor.id)
    return Line(entry, by, happened, facts, place)


def _fact(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_fact(part)}" for name, part in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(_fact, value))
    return str(value)


def _address(asked: Asked, before: UUID) -> str:
    kept = {name: text for name, text in asked._replace(before=str(before))._asdict().items() if text}
    return f"/audit?{urlencode(kept)}"


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _name(person: Staff) -> str:
    return person.name


HANDLERS: tuple[Any, ...] = (audit_page,)
