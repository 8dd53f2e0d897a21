"""Make a shop of some thousand orders one of a million: every row of every order's life, copied by set-based SQL.

Each copy has ids, numbers, SKUs, customers, telephone numbers and e-mail addresses of its own, its names are varied,
and it lies some days further back, up to three years. What follows from rows (counters, ledgers, events, positions,
terms) is copied with them, so `jiedan verify` finds the books of the copies as balanced as those of the originals.

Left out: search terms of customers and SKUs are those of their originals; callers' keys (kept 30 days anyhow), drafts
and personal parts of events are not copied; foreign keys are put back without looking at the old rows again. Copies
differ from their originals in the last four digits of each id, inside JSON as well; ids of locations stay.

It runs as superuser, past row-level security, on a server without durability, with indexes made at the end.
"""

# ruff: noqa: S608 - SQL is put together here from names that stand here

import concurrent.futures
import queue
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import psycopg

from jiedan.orders.rules import wording
from jiedan.orders.rules.wording import Wording

Connection = psycopg.Connection[tuple[Any, ...]]

YEARS = 3
VARIANTS = 25
"""How many forms each name has."""

NUMBERS_APART = 2_100
"""Order numbers of one copy are so far from those of the next."""

WORKERS = 2
TOLD_S_MIN = 5.0
"""What takes longer is told."""

MARK = "qzqz"
"""Stands in texts where each copy has its own four hexadecimal digits."""

_TAIL = "c0de"
"""Ids of copies end in this and the four digits of the copy; no original's id happens to."""

_MIDDLE = "文建国志玉春晓永家金海红丽德子兴华成光云秀雪美天学"
_MIDDLE_ENGLISH = (
    "Ada", "Ben", "Cora", "Dean", "Edith", "Floyd", "Gail", "Hugo", "Ida", "Jack", "Kit", "Lou", "May", "Nora", "Ora",
    "Pia", "Quinn", "Roy", "Sue", "Ted", "Una", "Vic", "Walt", "Xena", "Yves",
)  # fmt: skip

_KEPT_COLUMNS = frozenset(
    {"tenant_id", "location_id", "requested_location_id", "from_location_id", "to_location_id", "category_id"}
)
_KEPT_EVENTS = (
    "accounts.%", "pricing.%", "carriers.%", "inventory.location%", "catalog.category%", "payments.provider%",
    "inventory.stock_became_available",
)  # fmt: skip

_NUMBER = (
    "'SO-' || to_char((t.placed_at - c.back) AT TIME ZONE 'Asia/Shanghai', 'YYYYMMDD') || '-' || "
    "lpad({0}, greatest(6, length({0})), '0')"
).format(f"(split_part(t.number, '-', 3)::bigint + c.k * {NUMBERS_APART})::text")


def _phone(column: str) -> str:
    return (
        f"CASE WHEN t.{column} LIKE '+86130%' THEN '+86130' || lpad(c.k::text, 4, '0') || right(t.{column}, 4)"
        f" ELSE t.{column} END"
    )


def _email(column: str) -> str:
    return f"replace(t.{column}, '@', 'x' || c.tag || '@')"


def _named(column: str) -> str:
    return (
        f"coalesce((SELECT n.varied FROM seed_name n WHERE n.original = t.{column} AND n.variant = c.variant),"
        f" t.{column})"
    )


def _tagged(column: str) -> str:
    return f"t.{column} || '-' || c.tag"


class Table(NamedTuple):
    """A table to multiply: what its columns become where that is not plain, and which of its rows have copies."""

    name: str
    columns: Mapping[str, str] = MappingProxyType({})
    where: str = "true"


_PERSON = {"name": _named("name"), "phone": _phone("phone")}
_PLACED = {
    "number": _NUMBER,
    "external_id": "t.external_id || c.tag",
    "contact_name": _named("contact_name"),
    "contact_phone": _phone("contact_phone"),
    "contact_email": _email("contact_email"),
}
_TOLD = "t.event_id IN (SELECT s.event_id FROM seed_told s)"
"""Events about what is copied."""

TABLES: tuple[Table, ...] = (
    Table("event_log", where=_TOLD),
    Table("order_line", {"code": f"CASE WHEN t.kind = 'fee' THEN t.code ELSE {_tagged('code')} END"}),
    Table("orders", _PLACED),
    Table("order_decision"),
    Table("order_address", {**_PERSON, "company": _named("company")}),
    Table("order_note"),
    Table("order_tag"),
    Table("order_hold"),
    Table("order_reference", {"reference": _tagged("reference")}),
    Table("stock_movement", {"operation_key": _tagged("operation_key")}),
    Table("reservation"),
    Table("stock"),
    Table("payment"),
    Table("payment_operation", {"key": _tagged("key")}),
    Table("payment_entry"),
    Table("refund_line"),
    Table("fulfillment", {"number": _tagged("number")}),
    Table("fulfillment_line"),
    Table("parcel", {"number": _tagged("number"), "tracking_number": _tagged("tracking_number")}),
    Table("parcel_line"),
    Table("note_acknowledgement"),
    Table("case_file"),
    Table(
        "customer",
        {**_PERSON, "email": _email("email"), "external_id": "t.external_id || c.tag"},
    ),
    Table(
        "customer_contact",
        {"value": f"CASE WHEN t.kind = 'email' THEN {_email('value')} ELSE {_phone('value')} END"},
    ),
    Table("customer_address", {**_PERSON, "company": _named("company")}),
    Table("customer_tag"),
    Table("customer_consent"),
    Table("customer_term"),
    Table("product", {"code": _tagged("code")}),
    Table("product_option"),
    Table("sku", {"code": _tagged("code")}),
    Table("sku_price"),
    Table("sku_component"),
    Table("sku_term"),
)  # fmt: skip

_NUMBER_TERMS = (
    "lower(n.number), split_part(n.number, '-', 2) || d.digits, split_part(n.number, '-', 2), d.digits,"
    " ltrim(d.digits, '0')"
)
_PHONE_TERMS = ", ".join(f"right(n.phone, {digits})" for digits in (4, 5, 6, 7, 8, 11, 13))

_WORDINGS = f"""
INSERT INTO order_wording (tenant_id, order_id, terms)
SELECT w.tenant_id, n.order_id, (
    SELECT string_agg(DISTINCT chr(10) || u.term, '')
    FROM unnest(string_to_array(substr(
        replace(w.terms, '{MARK}', c.tag) || chr(10) || concat_ws(chr(10), {_NUMBER_TERMS})
        || CASE WHEN n.phone LIKE '+86130%' THEN chr(10) || concat_ws(chr(10), {_PHONE_TERMS}) ELSE '' END, 2
    ), chr(10))) AS u (term)
)
FROM seed_wording w
JOIN seed_order t ON t.order_id = w.order_id
JOIN seed_copy c ON c.variant = w.variant
CROSS JOIN LATERAL (
    SELECT overlay(t.order_id::text PLACING c.tail FROM 29)::uuid AS order_id, {_NUMBER} AS number,
        {_phone("contact_phone")} AS phone
) AS n
CROSS JOIN LATERAL (SELECT split_part(n.number, '-', 3) AS digits) AS d
"""

_TERMS = """
INSERT INTO order_term (tenant_id, term, placed_at, order_id)
SELECT w.tenant_id, x.term, o.placed_at, w.order_id
FROM order_wording w
JOIN orders o ON o.tenant_id = w.tenant_id AND o.order_id = w.order_id
CROSS JOIN LATERAL (SELECT DISTINCT u.term FROM unnest(string_to_array(substr(w.terms, 2), chr(10))) AS u (term)) AS x
"""

_STREAM = """
INSERT INTO event_stream (tenant_id, position, event_id)
SELECT t.tenant_id, x.known + (c.k - 1) * x.told + s.place, overlay(t.event_id::text PLACING c.tail FROM 29)::uuid
FROM seed_copy c
CROSS JOIN seed_known x
CROSS JOIN seed_told s
JOIN event_stream t ON t.event_id = s.event_id
"""

_SERIES = (
    "UPDATE number_series SET next_number = (SELECT max(split_part(number, '-', 3)::bigint) + 1 FROM orders)"
    " WHERE series = 'order'"
)


def multiply(url: str, *, copies: int) -> None:
    """Turn each order of the only merchant at `url` (the superuser's) into `copies`, itself one of them."""
    with psycopg.connect(url, autocommit=True) as connection:
        _prepare(connection, copies)
        _write_wordings(connection)
        kept = [str(stays) for (stays,) in connection.execute(b"SELECT id FROM seed_kept")]
        loads = [_load(connection, table, kept) for table in TABLES]
        names = [*(table.name for table in TABLES), "order_wording", "order_term", "event_stream"]
        keys, indexes = _undressed(connection, names)
    _in_parallel(url, [[_WORDINGS], [_STREAM], *loads])
    _in_parallel(url, [["TRUNCATE order_term", _TERMS], *([made] for table, made in indexes if table != "order_term")])
    _in_parallel(url, [[made] for table, made in indexes if table == "order_term"])
    with psycopg.connect(url, autocommit=True) as connection:
        for key in keys:
            connection.execute(key.encode())
        connection.execute(_SERIES.encode())
        connection.execute(b"UPDATE drain_lease SET position = (SELECT max(position) FROM event_stream)")
        connection.execute(
            b"DROP TABLE seed_copy, seed_name, seed_told, seed_known, seed_order, seed_wording, seed_kept"
        )
    _in_parallel(url, [[f"VACUUM (ANALYZE) {name}"] for name in names])


_GROUND = """
DELETE FROM idempotency_key;
CREATE UNLOGGED TABLE seed_copy AS
SELECT k, lpad(to_hex(k), 4, '0') AS tag, '{tail}' || lpad(to_hex(k), 4, '0') AS tail, k % {variants} AS variant,
    k * {apart} AS back
FROM generate_series(1, {last}) AS k;
CREATE UNLOGGED TABLE seed_kept AS
SELECT tenant_id AS id FROM tenant UNION SELECT location_id FROM location UNION SELECT staff_id FROM staff
UNION SELECT category_id FROM category;
CREATE UNLOGGED TABLE seed_told AS
SELECT e.event_id, row_number() OVER (ORDER BY s.position) AS place
FROM event_log e JOIN event_stream s ON s.event_id = e.event_id
WHERE NOT ({kept});
CREATE UNIQUE INDEX ON seed_told (event_id);
CREATE UNLOGGED TABLE seed_known AS
SELECT (SELECT max(position) FROM event_stream) AS known, (SELECT count(*) FROM seed_told) AS told;
CREATE UNLOGGED TABLE seed_order AS SELECT order_id, number, placed_at, contact_phone FROM orders;
CREATE UNLOGGED TABLE seed_name (original text COLLATE "C", variant int, varied text COLLATE "C")
"""


def _prepare(connection: Connection, copies: int) -> None:
    """Write down the copies, the ids that stay, the events that are copied, and the forms of names."""
    apart = f"(interval '{YEARS * 365 - 60} days' / {copies})"
    kept = " OR ".join(f"kind LIKE '{kind}'" for kind in _KEPT_EVENTS)
    for statement in _GROUND.format(variants=VARIANTS, tail=_TAIL, apart=apart, last=copies - 1, kept=kept).split(";"):
        connection.execute(statement.encode())
    found = connection.execute(
        b"SELECT contact_name FROM orders UNION SELECT name FROM order_address UNION SELECT company FROM order_address"
        b" UNION SELECT name FROM customer UNION SELECT name FROM customer_address"
        b" UNION SELECT company FROM customer_address"
    )
    names = [name for (name,) in found if name]
    with connection.cursor().copy(b"COPY seed_name FROM STDIN") as copy:
        for name in names:
            for variant in range(VARIANTS):
                copy.write_row((name, variant, varied(name, variant)))
    connection.execute(b"CREATE UNIQUE INDEX ON seed_name (original, variant)")
    connection.execute(b"ANALYZE seed_name, seed_told, seed_copy")


def varied(name: str, variant: int) -> str:
    """Return `name` with another name in its middle, a different one for each variant but 0."""
    if not name or not variant:
        return name
    if name.isascii():
        first, _, rest = name.partition(" ")
        return f"{first} {_MIDDLE_ENGLISH[variant]} {rest}".strip()
    return name[0] + _MIDDLE[variant] + name[1:]


def _write_wordings(connection: Connection) -> None:
    """Write the terms of each original in each variant of its names, but for numbers and telephone numbers."""
    empty = b"SELECT tenant_id, order_id, 0 AS variant, terms FROM order_wording LIMIT 0"
    connection.execute(b"CREATE UNLOGGED TABLE seed_wording AS " + empty)
    rows = connection.execute(_ORDERS.encode()).fetchall()
    with connection.cursor().copy(b"COPY seed_wording FROM STDIN") as copy:
        for row in rows:
            tenant, order, channel, external_id, phone, email, names, codes, references, terms = row
            marks = [line for line in terms.split("\n") if line.startswith(_MARKS)]
            for variant in range(VARIANTS):
                worded = Wording(
                    number="",
                    channel=channel,
                    external_id=f"{external_id}{MARK}",
                    names=tuple(varied(name, variant) for name in names if name),
                    phones=() if phone.startswith("+86130") else (phone,),
                    emails=(email.replace("@", f"x{MARK}@"),),
                    skus=tuple(f"{code}-{MARK}" for code in codes),
                    references=tuple(f"{reference}-{MARK}" for reference in references),
                )
                lines = dict.fromkeys((*wording.order_terms(worded), *marks))
                copy.write_row((tenant, order, variant, "".join(f"\n{line}" for line in lines)))
    connection.execute(b"ANALYZE seed_wording")


_MARKS = (":tag:", ":hold:", ":location:", ":is:")
"""Marks that copies share with their originals."""

_ORDERS = """
SELECT o.tenant_id, o.order_id, o.channel, o.external_id, o.contact_phone, o.contact_email,
    ARRAY[o.contact_name, coalesce(a.name, ''), coalesce(a.company, '')], l.codes,
    ARRAY(SELECT r.reference FROM order_reference r WHERE r.order_id = o.order_id), w.terms
FROM orders o
JOIN order_wording w ON w.order_id = o.order_id
JOIN (
    SELECT order_id, array_agg(code ORDER BY line) AS codes FROM order_line WHERE kind <> 'fee' GROUP BY order_id
) AS l ON l.order_id = o.order_id
LEFT JOIN order_address a ON a.order_id = o.order_id AND a.kind = 'ship_to'
"""


def _load(connection: Connection, table: Table, kept: Sequence[str]) -> list[str]:
    """Return the statements of one transaction that write the originals and their copies; so none of it is logged."""
    columns = connection.execute(
        b"SELECT column_name, data_type FROM information_schema.columns"
        b" WHERE table_schema = 'public' AND table_name = %s ORDER BY ordinal_position",
        (table.name,),
    ).fetchall()
    listed = ", ".join(f'"{name}"' for name, _ in columns)
    read = ", ".join(_marked(name, kept) if kind == "jsonb" else f't."{name}"' for name, kind in columns)
    made = ", ".join(_copied(table, name, kind) for name, kind in columns)
    source = f"WITH t AS MATERIALIZED (SELECT {read} FROM seed_original t WHERE {table.where})"
    return [
        f"CREATE TEMP TABLE seed_original ON COMMIT DROP AS SELECT * FROM {table.name}",
        f"TRUNCATE {table.name}",
        f"INSERT INTO {table.name} SELECT * FROM seed_original",
        f"{source} INSERT INTO {table.name} ({listed}) SELECT {made} FROM t CROSS JOIN seed_copy c",
    ]


def _marked(column: str, kept: Sequence[str]) -> str:
    """Return JSON as text with the mark at the end of each id, but for the ids that stay."""
    ids = r"([0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{4})[0-9a-f]{8}"
    found = f"regexp_replace(t.\"{column}\"::text, '{ids}', '\\1{_TAIL}{MARK}', 'g')"
    for stays in kept:
        found = f"replace({found}, '{stays[:28]}{_TAIL}{MARK}', '{stays}')"
    return f'{found} AS "{column}"'


def _copied(table: Table, column: str, kind: str) -> str:
    """Return what a copy has in this column."""
    if column in table.columns:
        return table.columns[column]
    if kind == "uuid" and column not in _KEPT_COLUMNS:
        return f'overlay(t."{column}"::text PLACING c.tail FROM 29)::uuid'
    if kind == "timestamp with time zone":
        return f't."{column}" - c.back'
    if kind == "jsonb":
        return f"replace(t.\"{column}\", '{MARK}', c.tag)::jsonb"
    return f't."{column}"'


def _undressed(connection: Connection, names: Sequence[str]) -> tuple[list[str], list[tuple[str, str]]]:
    """Drop the foreign keys of all tables and the indexes of these; return the statements that make them again."""
    keys, indexes = [], []
    for table, name, kind, definition in connection.execute(
        b"SELECT conrelid::regclass::text, conname, contype::text, pg_get_constraintdef(oid) FROM pg_constraint"
        b" WHERE connamespace = 'public'::regnamespace AND contype IN ('f', 'p', 'u') ORDER BY contype"
    ).fetchall():
        made = f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}'
        if kind == "f":
            keys.append(f"{made} NOT VALID")
        elif table in names:
            indexes.append((table, made))
        else:
            continue
        connection.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"'.encode())
    for table, name, definition in connection.execute(
        b"SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
    ).fetchall():
        if table in names:
            indexes.append((table, definition))
            connection.execute(f'DROP INDEX "{name}"'.encode())
    return keys, indexes


def _in_parallel(url: str, transactions: Iterable[Sequence[str]]) -> None:
    """Run transactions of statements, as many at once as there are workers; the first failure is raised."""
    waiting: queue.SimpleQueue[Sequence[str]] = queue.SimpleQueue()
    for statements in transactions:
        waiting.put(statements)

    def work() -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(b"SET maintenance_work_mem = '1GB'")
            connection.execute(b"SET work_mem = '256MB'")
            while not waiting.empty():
                _run(connection, waiting.get())

    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        for done in [pool.submit(work) for _ in range(WORKERS)]:
            done.result()


def _run(connection: Connection, statements: Sequence[str]) -> None:
    started = time.monotonic()
    if len(statements) == 1:  # VACUUM takes no transaction
        connection.execute(statements[0].encode())
    else:
        with connection.transaction():
            for statement in statements:
                connection.execute(statement.encode())
    seconds = time.monotonic() - started
    if seconds > TOLD_S_MIN:
        print(f"{seconds:7.1f} s  {' '.join(statements[-1].split())[:90]}", file=sys.stderr, flush=True)
