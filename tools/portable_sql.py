"""Judge one SQL statement against the house rules: portable to Citus, tied to a tenant, searchable under row security.

`problems(text)` takes a statement as the driver sees it, with `%(name)s` parameters; the lint of the source and the
suite's recorder both ask it. A statement that must look across tenants carries `/* across tenants: why */` in its text.
"""

import logging
import re
from collections.abc import Iterator

import sqlglot
from sqlglot import exp

ACROSS_TENANTS = re.compile(r"/\*\s*across tenants: [^*]{10,}\*/")
BOUNDARY = re.compile(
    r"\s*(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|SET LOCAL|SET SESSION|RESET|SHOW|LISTEN|UNLISTEN|NOTIFY)\b",
    re.IGNORECASE,
)
PARAMETER = re.compile(r"%\((\w+)\)s")

OUTSIDE_TENANTS = re.compile(r"^(directory|alembic_version|procrastinate_\w+|pg_\w+)$")
"""Tables that belong to no tenant: the closed list of the architecture, and PostgreSQL's own catalogs."""

CLOCKS = frozenset({"clock_timestamp", "now", "statement_timestamp", "timeofday", "transaction_timestamp"})
DICE = frozenset({"gen_random_uuid", "random", "setseed", "uuid_generate_v4", "uuidv4", "uuidv7"})
SEQUENCES = frozenset({"currval", "lastval", "nextval", "setval"})

REFUSED_NODES: dict[type[exp.Expr], str] = {
    exp.Merge: "MERGE is not portable: use INSERT … ON CONFLICT",
    exp.Rand: "randomness comes in as a parameter",
    exp.Uuid: "ids are made in Python (tx.new_id)",
    exp.Create: "DDL belongs to the migrations",
    exp.Drop: "DDL belongs to the migrations",
    exp.Alter: "DDL belongs to the migrations",
    exp.TruncateTable: "TRUNCATE ignores row-level security",
}

logging.getLogger("sqlglot").setLevel(logging.ERROR)  # it warns of each ALTER that it keeps as text

SEARCHES: tuple[type[exp.Expr], ...] = (
    exp.Like,
    exp.ILike,
    exp.SimilarTo,
    exp.RegexpLike,
    exp.RegexpILike,
    exp.ArrayContainsAll,
    exp.ArrayContainedBy,
    exp.ArrayOverlaps,
    exp.Lower,
    exp.Upper,
)
"""Not leakproof, so under row-level security they filter the whole tenant."""


def problems(text: str, *, ddl: bool = False) -> list[str]:
    """Return what is wrong with a statement, as sentences; empty for a good one.

    `ddl` allows definitions: for code that creates schemas and roles.
    """
    if "serializable" in text.lower():
        return ["SERIALIZABLE is no safety net here: READ COMMITTED, locks in key order, retry"]
    if BOUNDARY.match(text):
        return []
    try:
        trees = [t for t in sqlglot.parse(PARAMETER.sub(r":p_\1", text).replace("%%", "%"), read="postgres") if t]
    except sqlglot.errors.SqlglotError as error:
        return [] if ddl else [f"cannot be read: {str(error).splitlines()[0]}"]
    found: list[str] = []
    for tree in trees:
        if ddl and (tree.find(exp.Create, exp.Drop, exp.Alter, exp.Command) or not tree.find(exp.Table)):
            continue
        across = bool(ACROSS_TENANTS.search(text))
        found += _refused(tree)
        found += _leaks(tree)
        found += [] if across and isinstance(tree, exp.Select) else _clocks(tree)
        found += _locks(tree)
        found += _writes(tree)
        if not across:
            found += _tenants(tree)
    return list(dict.fromkeys(found))


def _refused(tree: exp.Expr) -> Iterator[str]:
    """Yield the avoid-list of the architecture."""
    for kind, message in REFUSED_NODES.items():
        if tree.find(kind):
            yield message
    for call in tree.find_all(exp.Anonymous):
        name = str(call.this).lower()
        if name in DICE:
            yield "ids and randomness are made in Python (tx.new_id)"
        elif name in SEQUENCES:
            yield "no sequences: ids are UUIDv7, numbers are leased"
        elif "advisory" in name:
            yield "no advisory locks: lock rows"
        elif name == "set_config":
            yield "set_config() does not reach Citus workers: a literal SET LOCAL does"


def _leaks(tree: exp.Expr) -> Iterator[str]:
    """Yield the conditions that row-level security keeps away from indexes."""
    for where in tree.find_all(exp.Where):
        for search in where.find_all(*SEARCHES):
            if search.find(exp.Column):
                yield f"{search.sql('postgres')} filters the whole tenant under row-level security: use a term table"
    for equal in tree.find_all(exp.EQ):
        sides = (equal.left, equal.right)
        is_key = any(isinstance(side, exp.Column) for side in sides) and equal.find_ancestor(exp.Where, exp.Join)
        if is_key and any(_is_coalesced(side) for side in sides):
            yield "coalesce() is not leakproof, so no index is used under row-level security: write CASE"


def _is_coalesced(side: exp.Expr) -> bool:
    """Tell whether a side of a comparison is what coalesce() makes of columns."""
    return isinstance(side, exp.Coalesce) and side.find(exp.Column) is not None


def _clocks(tree: exp.Expr) -> Iterator[str]:
    """Yield whether the server's clock is read; only a look across tenants, for metrics, may."""
    calls = (str(call.this).lower() for call in tree.find_all(exp.Anonymous))
    if tree.find(exp.CurrentTimestamp, exp.CurrentDate, exp.CurrentTime, exp.Localtimestamp) or CLOCKS.intersection(
        calls
    ):
        yield "the time comes in as a parameter (tx.now)"


def _locks(tree: exp.Expr) -> Iterator[str]:
    """Yield what is wrong with the row locks of a statement."""
    for lock in tree.find_all(exp.Lock):
        select = lock.find_ancestor(exp.Select)
        if lock.args.get("update") and not lock.args.get("key") and not lock.find_ancestor(exp.Delete):
            yield "FOR UPDATE blocks foreign-key checks: use FOR NO KEY UPDATE"
        if select and not select.args.get("order") and _may_find_many(select):
            yield "rows are locked in key order: add ORDER BY"


def _may_find_many(select: exp.Select) -> bool:
    many = select.find(exp.Any, exp.In, exp.Unnest, exp.Join) or select.args.get("limit")
    return bool(many)


def _writes(tree: exp.Expr) -> Iterator[str]:
    """Yield what is wrong with the writes of a statement."""
    writes = list(tree.find_all(exp.Insert, exp.Update, exp.Delete))
    if len(writes) > 1:
        yield "one statement writes one table: Citus refuses a CTE that writes several"
    for insert in (w for w in writes if isinstance(w, exp.Insert)):
        source = insert.expression
        if not isinstance(source, exp.Select) or not source.find(exp.Unnest):
            continue
        first = source.args.get("from_")
        if not (first and isinstance(first.this, exp.Table)):
            yield "a set-based insert reads FROM tenant t CROSS JOIN unnest(…) AS u WHERE t.tenant_id = …"


class _Ties:
    """Which tables are tied to the tenant of the transaction: by a parameter, or by a chain of equalities."""

    GIVEN = ""

    def __init__(self) -> None:
        self._parents: dict[str, str] = {}

    def root(self, name: str) -> str:
        while (parent := self._parents.get(name, name)) != name:
            name = parent
        return name

    def tie(self, one: str, other: str) -> None:
        one, other = self.root(one), self.root(other)
        if one != other:
            self._parents[max(one, other)] = min(one, other)  # GIVEN sorts first, so it stays a root

    def is_tied(self, name: str) -> bool:
        return self.root(name) == self.GIVEN


def _tenants(tree: exp.Expr) -> Iterator[str]:
    """Yield each table that is not tied to a tenant."""
    ties = _Ties()
    derived = {cte.alias for cte in tree.find_all(exp.CTE)} | {s.alias for s in tree.find_all(exp.Subquery) if s.alias}
    for name in derived:
        ties.tie(name, ties.GIVEN)  # what is inside is judged by itself
    tables = [t for t in tree.find_all(exp.Table) if _belongs_to_a_tenant(t, derived)]
    for equality in tree.find_all(exp.EQ):
        if _holds(equality):
            _tie_sides(ties, equality)
    for join in tree.find_all(exp.Join):
        if any(column.name == "tenant_id" for column in join.args.get("using") or []):
            names = _sources(join.find_ancestor(exp.Select, exp.Update, exp.Delete))
            for name in names[1:]:
                ties.tie(names[0], name)
    for table in tables:
        insert = table.find_ancestor(exp.Insert)
        if insert and table.parent in {insert, insert.this}:
            columns = insert.this.expressions if isinstance(insert.this, exp.Schema) else []
            if "tenant_id" not in {column.name for column in columns}:
                yield f"the insert into {table.name} names no tenant_id"
        elif not ties.is_tied(table.alias_or_name):
            yield f"{table.alias_or_name} is not tied to tenant_id by a parameter or an equality"


def _holds(equality: exp.EQ) -> bool:
    """Tell whether the equality must hold for every row of its own SELECT, UPDATE or DELETE."""
    limits = (exp.Or, exp.Not, exp.Case, exp.Returning, exp.Select, exp.Update, exp.Delete)
    above = equality.find_ancestor(*limits)
    return above is None or isinstance(above, exp.Select | exp.Update | exp.Delete)


def _belongs_to_a_tenant(table: exp.Table, derived: set[str]) -> bool:
    if not isinstance(table.this, exp.Identifier) or table.db in {"pg_catalog", "information_schema"}:
        return False
    return table.name not in derived and not OUTSIDE_TENANTS.match(table.name)


def _tie_sides(ties: _Ties, equality: exp.EQ) -> None:
    sides = [_tenant_side(side.unnest()) for side in (equality.left, equality.right)]
    if sides[0] is not None and sides[1] is not None:
        ties.tie(sides[0], sides[1])


def _tenant_side(side: exp.Expr) -> str | None:
    """Return the table whose tenant_id stands on this side, GIVEN for a parameter, None for anything else."""
    while isinstance(side, exp.Cast):
        side = side.this
    if isinstance(side, exp.Placeholder):
        return _Ties.GIVEN
    if isinstance(side, exp.Column) and side.name == "tenant_id":
        return side.table or _only_source(side)
    return None


def _only_source(column: exp.Column) -> str | None:
    names = _sources(column.find_ancestor(exp.Select, exp.Update, exp.Delete))
    return names[0] if len(names) == 1 else None


def _sources(scope: exp.Expr | None) -> list[str]:
    """Return the names of the tables that a SELECT, UPDATE or DELETE reads in its own FROM."""
    if scope is None:
        return []
    origin = scope.args.get("from_")
    sources = [scope.this] if isinstance(scope, exp.Update | exp.Delete) else []
    sources += [origin.this] if origin else []
    for source in [*sources]:
        sources += [join.this for join in source.args.get("joins") or []]
    sources += [join.this for join in scope.args.get("joins") or []]
    return [s.alias_or_name for s in sources if isinstance(s, exp.Table | exp.Subquery)]
