"""Let price rules be drafts that are published as books, and let price lists have prices.

Revision: 0051, after 0050. Tax rates and flat fees of before become the first book of each merchant, under the version
they have, and its draft.
"""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

from jiedan.base import ids
from jiedan.base import schema as protection

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

_TEXT = sa.Text(collation="C")
_MOMENT = sa.DateTime(timezone=True)
_BOOK = ["price_book.tenant_id", "price_book.version"]
_READ = ("tenant", "price_rule_set", "tax_rate", "shipping_fee")
_KINDS = (
    *("currency_settings", "exchange_rate", "formula", "manual_limit", "price_list", "promotion", "rounding"),
    *("shipping_method", "shipping_settings", "surcharge", "tax_rate", "tax_settings"),
)


def upgrade() -> None:
    """Create what this revision adds, and move what there is."""
    created = (_rules(), _books(), _withdrawals(), _entries())
    op.drop_constraint(op.f("ck_price_rule_set_positive"), "price_rule_set", type_="check")
    op.create_check_constraint(op.f("ck_price_rule_set_not_negative"), "price_rule_set", "version >= 0")
    for table in _READ:  # rows of every merchant are read
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    _move()
    for table in _READ:
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    for made in created:
        for statement in protection.protect(made):
            op.execute(statement)
    op.drop_table("tax_rate")
    op.drop_table("shipping_fee")


def downgrade() -> None:
    """Remove what this revision added; the tables of before come back without rows."""
    for table in (_old_fees(), _old_rates()):
        for statement in protection.protect(table):
            op.execute(statement)
    for name in ("price_list_entry", "price_book_withdrawal", "price_book", "price_rule"):
        op.drop_table(name)
    op.execute("ALTER TABLE price_rule_set NO FORCE ROW LEVEL SECURITY")
    op.execute(
        "/* across tenants: a migration looks at the rows of every merchant */"
        " DELETE FROM price_rule_set WHERE version = 0"
    )
    op.drop_constraint(op.f("ck_price_rule_set_not_negative"), "price_rule_set", type_="check")
    op.create_check_constraint(op.f("ck_price_rule_set_positive"), "price_rule_set", "version >= 1")
    op.execute("ALTER TABLE price_rule_set FORCE ROW LEVEL SECURITY")


def _move() -> None:
    """Write the first book and the draft of each merchant who has rates or fees."""
    connection = op.get_bind()
    rates: dict[Any, list[dict[str, Any]]] = {}
    fees: dict[Any, dict[str, list[dict[str, Any]]]] = {}
    for row in connection.execute(
        sa.text(
            "/* across tenants: a migration looks at the rows of every merchant */"
            " SELECT tenant_id, country, tax_class, rate_ppm FROM tax_rate ORDER BY tenant_id, country, tax_class"
        )
    ):
        rate = {"tax_class": row.tax_class, "rate_ppm": row.rate_ppm}
        rates.setdefault(row.tenant_id, []).append(rate | ({"country": row.country} if row.country != "*" else {}))
    for row in connection.execute(
        sa.text(
            "/* across tenants: a migration looks at the rows of every merchant */"
            " SELECT tenant_id, currency, fee_minor, free_from_minor, tax_class FROM shipping_fee"
            " ORDER BY tenant_id, currency"
        )
    ):
        fee: dict[str, Any] = {"currency": row.currency, "tariff": {"type": "flat", "fee_minor": row.fee_minor}}
        if row.free_from_minor is not None:
            fee["free_from_minor"] = row.free_from_minor
        fees.setdefault(row.tenant_id, {}).setdefault(row.tax_class, []).append(fee)
    sets = connection.execute(
        sa.text(
            "/* across tenants: a migration looks at the rows of every merchant */"
            " SELECT tenant_id, version FROM price_rule_set ORDER BY tenant_id"
        )
    ).all()
    for tenant_id, version in sets:
        methods = _methods(fees.get(tenant_id, {}))
        _write(connection, tenant_id, version, rates.get(tenant_id, []), methods)


def _methods(fees: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Return a shipping method for each tax class of fees; the first has the code `standard`."""
    made: list[dict[str, Any]] = []
    for tax_class in sorted(fees, key=lambda one: (one != "standard", one)):
        zone = {"code": "standard", "areas": [{}], "rates": fees[tax_class]}
        method = {"code": f"standard_{tax_class}" if made else "standard", "name": "Standard", "zones": [zone]}
        made.append(method | ({"tax_class": tax_class} if tax_class != "standard" else {}))
    return made


def _write(
    connection: sa.Connection,
    tenant_id: Any,
    version: int,
    rates: list[dict[str, Any]],
    methods: list[dict[str, Any]],
) -> None:
    document: dict[str, Any] = {}
    if methods:
        document["shipping_methods"] = methods
    if rates:
        document["tax_rates"] = rates
    connection.execute(
        sa.text(
            "INSERT INTO price_book (tenant_id, version, begins_at, document, examples, note, restores, published_at,"
            " actor_kind, actor_id) SELECT tenant_id, :version, NULL, CAST(:document AS jsonb), '{}', '', NULL,"
            " created_at, 'system', 'jiedan' FROM tenant WHERE tenant_id = :tenant"
        ),
        {"tenant": tenant_id, "version": version, "document": json.dumps(document)},
    )
    uuids, now = ids.UuidFactory(), connection.execute(sa.text("SELECT now()")).scalar_one()
    rules = [("shipping_method", method["code"], method) for method in methods]
    rules += [("tax_rate", f"{rate.get('country', '*')}|||{rate['tax_class']}|tax", rate) for rate in rates]
    for kind, code, body in rules:
        connection.execute(
            sa.text(
                "INSERT INTO price_rule (tenant_id, rule_id, kind, code, body, examples, version, changed_at,"
                " actor_kind, actor_id) SELECT tenant_id, :rule_id, :kind, :code, CAST(:body AS jsonb), '[]',"
                " 1, created_at, 'system', 'jiedan' FROM tenant WHERE tenant_id = :tenant"
            ),
            {"rule_id": uuids.new(now), "tenant": tenant_id, "kind": kind, "code": code, "body": json.dumps(body)},
        )


def _rules() -> sa.Table:
    kinds = ", ".join(f"'{kind}'" for kind in _KINDS)
    return op.create_table(
        "price_rule",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("rule_id", sa.UUID(), nullable=False),
        sa.Column("kind", _TEXT, nullable=False),
        sa.Column("code", _TEXT, nullable=False),
        sa.Column("body", sa.dialects.postgresql.JSONB(), nullable=False),
        sa.Column("examples", sa.dialects.postgresql.JSONB(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", _MOMENT, nullable=False),
        sa.Column("actor_kind", _TEXT, nullable=False),
        sa.Column("actor_id", _TEXT, nullable=False),
        sa.CheckConstraint(f"kind IN ({kinds})", name=op.f("ck_price_rule_kind_known")),
        sa.CheckConstraint("char_length(code) BETWEEN 1 AND 400", name=op.f("ck_price_rule_code_bounded")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_price_rule_version_positive")),
        sa.PrimaryKeyConstraint("tenant_id", "rule_id", name=op.f("pk_price_rule")),
        sa.UniqueConstraint("tenant_id", "kind", "code", name=op.f("uq_price_rule_tenant_id_kind_code")),
    )


def _books() -> sa.Table:
    return op.create_table(
        "price_book",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("begins_at", _MOMENT, nullable=True),
        sa.Column("document", sa.dialects.postgresql.JSONB(), nullable=False),
        sa.Column("examples", sa.dialects.postgresql.JSONB(), nullable=False),
        sa.Column("note", _TEXT, nullable=False),
        sa.Column("restores", sa.BigInteger(), nullable=True),
        sa.Column("published_at", _MOMENT, nullable=False),
        sa.Column("actor_kind", _TEXT, nullable=False),
        sa.Column("actor_id", _TEXT, nullable=False),
        sa.CheckConstraint("version >= 1", name=op.f("ck_price_book_version_positive")),
        sa.CheckConstraint("restores < version", name=op.f("ck_price_book_restores_an_older_one")),
        sa.CheckConstraint("begins_at > published_at", name=op.f("ck_price_book_begins_later")),
        sa.ForeignKeyConstraint(["tenant_id", "restores"], _BOOK, name=op.f("fk_price_book_tenant_id_restores")),
        sa.PrimaryKeyConstraint("tenant_id", "version", name=op.f("pk_price_book")),
        info={"append_only": True},
    )


def _withdrawals() -> sa.Table:
    return op.create_table(
        "price_book_withdrawal",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("withdrawn_at", _MOMENT, nullable=False),
        sa.Column("actor_kind", _TEXT, nullable=False),
        sa.Column("actor_id", _TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "version"], _BOOK, name=op.f("fk_price_book_withdrawal_tenant_id_version")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "version", name=op.f("pk_price_book_withdrawal")),
        info={"append_only": True},
    )


def _entries() -> sa.Table:
    op.execute("ALTER TABLE sku NO FORCE ROW LEVEL SECURITY")
    table = op.create_table(
        "price_list_entry",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("sku_id", sa.UUID(), nullable=False),
        sa.Column("list_code", _TEXT, nullable=False),
        sa.Column("currency", _TEXT, nullable=False),
        sa.Column("mode", _TEXT, nullable=False),
        sa.Column("min_quantities", sa.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("units_minor", sa.ARRAY(sa.BigInteger()), nullable=False),
        sa.CheckConstraint("mode IN ('volume', 'graduated')", name=op.f("ck_price_list_entry_mode_known")),
        sa.CheckConstraint(
            "cardinality(min_quantities) BETWEEN 1 AND 50 AND cardinality(min_quantities) = cardinality(units_minor)",
            name=op.f("ck_price_list_entry_tiers_fit"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "sku_id"], ["sku.tenant_id", "sku.sku_id"], name=op.f("fk_price_list_entry_tenant_id_sku_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "sku_id", "list_code", name=op.f("pk_price_list_entry")),
    )
    op.create_index("ix_price_list_entry_list", "price_list_entry", ["tenant_id", "list_code", "sku_id"])
    op.execute("ALTER TABLE sku FORCE ROW LEVEL SECURITY")
    return table


def _old_fees() -> sa.Table:
    return op.create_table(
        "shipping_fee",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("currency", _TEXT, nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), nullable=False),
        sa.Column("free_from_minor", sa.BigInteger(), nullable=True),
        sa.Column("tax_class", _TEXT, nullable=False),
        sa.CheckConstraint("fee_minor >= 0", name=op.f("ck_shipping_fee_fee_not_negative")),
        sa.CheckConstraint("free_from_minor >= 0", name=op.f("ck_shipping_fee_free_from_not_negative")),
        sa.PrimaryKeyConstraint("tenant_id", "currency", name=op.f("pk_shipping_fee")),
    )


def _old_rates() -> sa.Table:
    return op.create_table(
        "tax_rate",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("country", _TEXT, nullable=False),
        sa.Column("tax_class", _TEXT, nullable=False),
        sa.Column("rate_ppm", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("rate_ppm BETWEEN 0 AND 1000000", name=op.f("ck_tax_rate_rate_range")),
        sa.PrimaryKeyConstraint("tenant_id", "country", "tax_class", name=op.f("pk_tax_rate")),
    )
