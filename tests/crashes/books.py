"""What a database holds, what changed in it, and how to bring it back: one merchant, tables of some hundred rows."""

import contextlib
import hashlib
import json
import re
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from psycopg import sql

from tests.patience import PATIENCE_S

LEFT_ALONE = frozenset(
    {
        *("alembic_version", "number_series", "waybill_series"),
        *("procrastinate_workers", "procrastinate_events", "procrastinate_periodic_defers"),
    }
)
"""What is not compared nor brought back: numbers are leased ahead, and a lease that nobody used is a gap."""

ALONE_TICK_S = 0.0005

ROUNDS = 3
"""How far ids are told apart by the rows that name them, the rows that name those rows' ids, and so on."""

_SPOKEN = re.compile(
    r"(?P<credential>jd_[0-9a-f]{32}_[\w-]{43}|\b[0-9A-Z]{4} [0-9A-Z]{4}\b|\b[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}\b"
    r'|(?<="code": ")[0-9A-Z]{8}(?:[0-9A-Z]{4})?(?=")|(?<="code": ")[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}(?="))'
    r'|(?P<hint>(?<="hint":")....|(?<="hint": ").{4}|(?<=…)[\w-]{4}(?=<)|(?<="last_four": ").{4})'
    r"|(?P<id>[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12})"
    r"|(?P<time>\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|\+00:00|[+-]\d\d:?\d\d)?)"
    r"|(?P<number>\b[A-Za-z]{1,4}-?\d{8}-?\d{3,}\b|\b(?:ch|op|msg)_[\w-]+)"
    r"|(?P<hash>\$argon2id\$[^\"]+)"
    r"|(?P<hex>\\\\x[0-9a-f]{32,}|\b[0-9a-f]{64}\b)"
    r'|(?P<token>(?<="token": ")[\w=-]{100,})'
    r"|(?P<secret>(?<=/placed/)[\w-]{38}|(?<![\w-])[\w-]{43}(?![\w-])|\b[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{4}\b)"
)

_SHOWN_TIME = re.compile(r"(?<=>)[^<>]*(?=</time>)|\b\d+ (?:seconds?|minutes?|hours?) ago\b")
"""A moment as a page writes it for people."""

_COUNTED = {
    "push_message": re.compile(r'(?<="attempts": )\d+'),
    "mail_message": re.compile(r'(?<="attempts": )\d+'),
    "payment_operation": re.compile(r'(?<="attempts": )\d+'),
    "sign_in_throttle": re.compile(r'(?<="attempts": )\d+'),
    "catalog_revision": re.compile(r'(?<="revision": )\d+'),
    "procrastinate_jobs": re.compile(r'(?<="id": )\d+'),
}
"""What only counts how often something was saved or asked for."""

_ALIKE = frozenset({"procrastinate_jobs"})
"""Where two that are alike are no more than one: two sets of events, taken up as one, ask once for what is due."""

_WHO = re.compile(r'"(?:actor_id|actor_kind|request_id|requested_by|settled_by)": (?:"[^"]*"|null)')

Rows = Mapping[str, Counter[str]]
"""The rows of each table as JSON."""

Effect = tuple[tuple[str, str, int], ...]
"""Rows that came and went, by table, with everything that differs from run to run told by what it belongs to."""


class Books:
    """The tables of a database of tests, looked at as the superuser."""

    def __init__(self, connection: psycopg.Connection[Any], *, also: int) -> None:
        self._also = also
        self._connection = connection
        connection.execute("SET session_replication_role = replica")
        found = connection.execute(
            "SELECT table_name, array_agg(column_name::text ORDER BY ordinal_position) FILTER"
            " (WHERE is_generated = 'NEVER') FROM information_schema.columns JOIN information_schema.tables"
            " USING (table_schema, table_name) WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
            " GROUP BY table_name ORDER BY table_name"
        )
        self._columns: dict[str, list[str]] = {name: columns for name, columns in found if name not in LEFT_ALONE}
        sums = [
            sql.SQL("SELECT {}, coalesce(sum(hashtextextended(t::text, 0)), 0), count(*) FROM {} t").format(
                sql.Literal(name), sql.Identifier(name)
            )
            for name in self._columns
        ]
        self._sums = sql.SQL(" UNION ALL ").join(sums).as_bytes(connection)
        self._known: dict[tuple[str, Any, int], Counter[str]] = {}

    def rows(self) -> Rows:
        """Return what stands in every table now."""
        found = {}
        for name, total, count in self._connection.execute(self._sums, prepare=True):
            key = (name, total, count)
            if key not in self._known:
                self._known[key] = Counter(text for (text,) in self._connection.execute(self._select(name)))
            found[name] = self._known[key]
        return found

    def bring_back(self, rows: Rows) -> None:
        """Let every table hold `rows` again, by touching only what differs."""
        now = self.rows()
        for name, wanted in rows.items():
            if now[name] is wanted or now[name] == wanted:
                continue
            table = sql.Identifier(name)
            gone = list((now[name] - wanted).elements())
            lost = list((wanted - now[name]).elements())
            if gone:
                delete = sql.SQL("DELETE FROM {} t WHERE to_jsonb(t)::text = ANY(%s)").format(table)
                self._connection.execute(delete, [gone])
            if lost:
                columns = sql.SQL(", ").join(map(sql.Identifier, self._columns[name]))
                named = sql.SQL(", ").join(sql.Identifier("back", column) for column in self._columns[name])
                insert = sql.SQL(
                    "INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE SELECT {named}"
                    " FROM unnest(%s::text[]) AS kept (row_)"
                    ", jsonb_populate_record(NULL::{table}, kept.row_::jsonb) AS back"
                ).format(table=table, columns=columns, named=named)
                self._connection.execute(insert, [lost])
        self._connection.execute(_ORPHANS)

    def wait_until_alone(self) -> None:
        """Return when the connections of killed processes are gone: what they had sent is done or undone."""
        until_s = time.monotonic() + PATIENCE_S
        while (others := self._connection.execute(_OTHERS, [self._also]).fetchall()) and time.monotonic() < until_s:
            time.sleep(ALONE_TICK_S)
        assert not others, f"somebody is connected still: {others}"

    def _select(self, name: str) -> sql.Composed:
        return sql.SQL("SELECT to_jsonb(t)::text FROM {} t").format(sql.Identifier(name))


_ORPHANS = (
    "DELETE FROM waybill_series w WHERE NOT EXISTS"
    " (SELECT FROM carrier c WHERE c.tenant_id = w.tenant_id AND c.code = w.code)"
)
"""The numbers of a carrier that was taken back go with it, though numbers are left alone otherwise."""

_OTHERS = (
    "SELECT pid, state, query FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'jiedan'"
    " AND pid <> %s"
)


def changed(before: Rows, after: Rows) -> dict[str, tuple[Counter[str], Counter[str]]]:
    """Return the rows that went and the rows that came, of each table that differs."""
    return {
        name: (before[name] - after[name], after[name] - before[name])
        for name in before
        if before[name] is not after[name] and before[name] != after[name]
    }


def effect(before: Rows, after: Rows, known: frozenset[str], *, by_anybody: bool = False) -> Effect:
    """Return what happened between two looks, in words that are the same whenever it happens.

    What an id, a time, a number or a secret is called differs from run to run. Each is told by the rows that name it,
    and times not at all. `known` are the names from before. `by_anybody` says
    that it does not matter who did it.
    """
    lines = [
        (table, mark, text)
        for table, (gone, come) in changed(before, after).items()
        for mark, several in _marked(table, gone, come, by_anybody=by_anybody)
        for text in (several if table in _ALIKE else several.elements())
    ]
    colors: dict[str, str] = {}
    for _ in range(ROUNDS):
        places: dict[str, list[str]] = {}
        for table, mark, text in lines:
            spoken = table + mark + _spoken(text, colors, known)
            for place, match in enumerate(_SPOKEN.finditer(text)):
                if match.lastgroup != "time" and match[0] not in known:
                    places.setdefault(match[0], []).append(f"{place} {spoken}")
        colors = {name: _digest("\n".join(sorted(found))) for name, found in places.items()}
    told = Counter((table, mark + _spoken(text, colors, known)) for table, mark, text in lines)
    return tuple(sorted((table, text, count) for (table, text), count in told.items()))


def _marked(
    table: str, gone: Counter[str], come: Counter[str], *, by_anybody: bool
) -> Sequence[tuple[str, Counter[str]]]:
    """Return what went and what came as it is told; a row of which only a count differs did neither."""
    before, after = (Counter(_told(table, text, by_anybody=by_anybody) for text in x.elements()) for x in (gone, come))
    return ("-", before - after), ("+", after - before)


def _told(table: str, text: str, *, by_anybody: bool) -> str:
    if table in _COUNTED:
        text = _COUNTED[table].sub("n", text)
    return _WHO.sub("who", text) if by_anybody else text


def names(rows: Rows) -> frozenset[str]:
    """Return the ids, numbers and secrets that stand somewhere."""
    texts = (text for table in rows.values() for text in table)
    return frozenset(match[0] for text in texts for match in _SPOKEN.finditer(text) if match.lastgroup != "time")


def _spoken(text: str, colors: Mapping[str, str], known: frozenset[str]) -> str:
    def word(match: re.Match[str]) -> str:
        if match.lastgroup == "time":
            return "time"
        return match[0] if match[0] in known else f"{match.lastgroup} {colors.get(match[0], '')}"

    return _SPOKEN.sub(word, text)


def answer(content: str, known: frozenset[str]) -> str:
    """Return an answer in words that are the same whenever it is given: what is new is told by its order."""
    order: dict[str, int] = {}
    content = _SHOWN_TIME.sub("time", content)
    with contextlib.suppress(ValueError):
        content = json.dumps(json.loads(content), sort_keys=True, ensure_ascii=False)

    def word(match: re.Match[str]) -> str:
        if match.lastgroup == "time":
            return "time"
        if match[0] in known:
            return match[0]
        return f"{match.lastgroup} {order.setdefault(match[0], len(order))}"

    return _SPOKEN.sub(word, content)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]
