"""Make records of what customers agreed to before there were records, and count orders by the hour of each channel.

Revision: 0077, after 0074. An agreement of before is told with certainty: customers and guests cannot write notes of
the kind internal, only checkout did, in their name and in these words, each in the language of its merchant.
"""

import sqlalchemy as sa
from alembic import op

revision = "0077"
down_revision = "0074"
branch_labels = None
depends_on = None

_READ = ("order_note", "orders", "figure_counted", "figure_hour")

_RECORD = """
/* across tenants: a migration looks at the rows of every merchant */
UPDATE order_note SET kind = 'record'
WHERE kind = 'internal' AND author_kind IN ('customer', 'guest') AND (
    text ~ '^The customer agreed to the terms of sale when ordering: version [0-9]+ of the shop, text [0-9a-f]{12}[.]$'
    OR text ~ '^客户下单时同意了销售条款：商店第 [0-9]+ 版，文本指纹 [0-9a-f]{12}。$'
    OR text ~ '^客戶下單時同意了銷售條款：商店第 [0-9]+ 版，文字指紋 [0-9a-f]{12}。$'
)
"""
_FORGET = """
/* across tenants: a migration looks at the rows of every merchant */
DELETE FROM figure_hour WHERE figure IN ('placed', 'sales')
"""
_COUNT = """
/* across tenants: a migration looks at the rows of every merchant */
INSERT INTO figure_hour (tenant_id, hour, figure, currency, channel, amount)
SELECT x.tenant_id, x.hour, f.figure, x.currency, x.channel,
    CASE f.figure WHEN 'placed' THEN x.orders ELSE x.total_minor END
FROM (
    SELECT o.tenant_id, date_bin('1 hour', o.placed_at, TIMESTAMPTZ '2000-01-01 00:00:00+00') AS hour, o.currency,
        o.channel, count(*) AS orders, sum(o.total_minor)::bigint AS total_minor
    FROM orders o
    JOIN figure_counted c ON c.tenant_id = o.tenant_id AND o.placed_at >= c.counted_from AND o.placed_at < c.counted_to
    GROUP BY o.tenant_id, 2, o.currency, o.channel
) AS x
CROSS JOIN (VALUES ('placed'), ('sales')) AS f (figure)
WHERE f.figure = 'placed' OR x.total_minor > 0
"""
_SUM = """
/* across tenants: a migration looks at the rows of every merchant */
WITH gone AS (
    DELETE FROM figure_hour WHERE channel <> '' RETURNING tenant_id, hour, figure, currency, amount
)
INSERT INTO figure_hour (tenant_id, hour, figure, currency, channel, amount)
SELECT g.tenant_id, g.hour, g.figure, g.currency, '', sum(g.amount)::bigint
FROM gone g GROUP BY g.tenant_id, g.hour, g.figure, g.currency
"""
_OF_ORDERS = "(figure IN ('placed', 'sales')) = (channel <> '')"


def upgrade() -> None:
    """Make records, and count the hours again that are counted: at once, since pages would show too little of them."""
    _open()
    op.execute(_RECORD)
    op.execute(_FORGET)
    op.add_column("figure_hour", sa.Column("channel", sa.Text(collation="C"), nullable=False, server_default=""))
    op.alter_column("figure_hour", "channel", server_default=None)
    _key("tenant_id", "hour", "figure", "currency", "channel")
    op.create_check_constraint(op.f("ck_figure_hour_channel_of_orders"), "figure_hour", _OF_ORDERS)
    op.execute(_COUNT)
    _close()


def downgrade() -> None:
    """Count the channels together again. What is for the record stays so: it was meant to be."""
    _open()
    op.drop_constraint(op.f("ck_figure_hour_channel_of_orders"), "figure_hour")
    op.execute(_SUM)
    _key("tenant_id", "hour", "figure", "currency")
    op.drop_column("figure_hour", "channel")
    _close()


def _key(*columns: str) -> None:
    op.drop_constraint(op.f("pk_figure_hour"), "figure_hour")
    op.create_primary_key(op.f("pk_figure_hour"), "figure_hour", list(columns))


def _open() -> None:
    """Let the owner see the rows of every merchant."""
    for table in _READ:
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")


def _close() -> None:
    for table in _READ:
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
