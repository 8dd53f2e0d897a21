"""Lines of orders that are there before and after the formulas and words of pieces made to measure are kept."""

import alembic.command
import psycopg

from jiedan.base import migrate
from tests.base.test_migrated_rows import MERCHANTS
from tests.conftest import Urls

MEASURED = """
INSERT INTO order_line (tenant_id, line_id, order_id, line, kind, sku_id, code, name, placed_at, ordered, canceled,
    allocated, shipped, delivered, returned, performed, unit_minor, discount_minor, tax_minor, tax_rate_ppm, tax_class,
    tax_included, total_minor, price_source, attributes, placed_attributes, placed_source, placed_unit_minor,
    placed_discount_minor, placed_by_hand_minor)
SELECT %(tenant)s, gen_random_uuid(), %(tenant)s, x.line, 'goods', %(tenant)s, 'A', 'A', now(), 1, 0, 0, 0, 0, 0, 0,
    1000, 0, 0, 0, 'standard', true, 1000, x.source, x.said::jsonb, x.placed::jsonb, x.placed_source,
    x.placed_minor, x.placed_off, x.placed_off
FROM (VALUES
    (1, 'rule', '[{"name": "width", "value": "9", "unit": "mm"}, {"name": "fabric", "value": "linen"}]',
        '[{"name": "width", "value": "8", "unit": "mm"}, {"name": "fabric", "value": "linen"}]', 'rule', 900, 0),
    (2, 'rule', '[{"name": "width", "value": "9"}]', NULL, NULL, NULL, NULL),
    (3, 'list', NULL, NULL, NULL, NULL, NULL)
) AS x (line, source, said, placed, placed_source, placed_minor, placed_off)
"""

WORDED = """
UPDATE order_line SET formula = 'curtain', attributes = (
        SELECT jsonb_agg(one || '{"labels": {"zh_Hans": "宽"}, "words": {"en": "Flax"}}' ORDER BY n)
        FROM jsonb_array_elements(attributes) WITH ORDINALITY AS said (one, n)
    ), placed_attributes = CASE WHEN placed_attributes IS NOT NULL THEN (
        SELECT jsonb_agg(one || '{"labels": {"zh_Hans": "宽"}}' ORDER BY n)
        FROM jsonb_array_elements(placed_attributes) WITH ORDINALITY AS said (one, n)
    ) END
WHERE attributes IS NOT NULL
"""


def test_what_lines_say_outlives_their_formulas_and_words(empty: Urls) -> None:
    every = "SELECT tenant_id, line, attributes, placed_attributes FROM order_line ORDER BY tenant_id, line"
    engine = migrate.owner_engine(empty.owner)
    with engine.begin() as connection:
        alembic.command.upgrade(migrate.config(connection), "0071")
    with psycopg.connect(empty.superuser, autocommit=True) as superuser:
        superuser.execute("SET session_replication_role = replica")  # lines alone: no orders, no SKUs
        for tenant in MERCHANTS:
            superuser.execute(MEASURED, {"tenant": tenant})
        before = superuser.execute(every).fetchall()
        with engine.begin() as connection:
            alembic.command.upgrade(migrate.config(connection), "0072")
        assert superuser.execute(every).fetchall() == before
        assert superuser.execute("SELECT count(*) FROM order_line WHERE formula IS NOT NULL").fetchone() == (0,)
        superuser.execute(WORDED)
        assert superuser.execute(every).fetchall() != before
        with engine.begin() as connection:
            alembic.command.downgrade(migrate.config(connection), "0071")
        assert superuser.execute(every).fetchall() == before
    assert len(before) == 3 * len(MERCHANTS)
