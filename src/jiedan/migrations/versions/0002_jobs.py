"""Create the tables and functions of procrastinate 3.10, for scheduled and slow work.

Revision: 0002, after 0001.
"""

from alembic import op
from procrastinate.schema import SchemaManager

from jiedan.base import schema as protection

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = ("procrastinate_events", "procrastinate_periodic_defers", "procrastinate_jobs", "procrastinate_workers")

DROP_THE_REST = r"""
SELECT 'DROP FUNCTION ' || oid::regprocedure FROM pg_proc WHERE proname LIKE 'procrastinate\_%'
UNION ALL
SELECT 'DROP TYPE ' || oid::regtype FROM pg_type
WHERE typname IN ('procrastinate_job_to_defer_v1', 'procrastinate_job_event_type', 'procrastinate_job_status')
"""


def upgrade() -> None:
    """Create what this revision adds."""
    driver = op.get_bind().connection.cursor()  # itself: the text holds percent signs, colons and many statements
    driver.execute(SchemaManager.get_schema())
    for table in TABLES:
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {protection.APP_ROLE}")
        op.execute(f"GRANT USAGE ON SEQUENCE {table}_id_seq TO {protection.APP_ROLE}")
        op.execute(f"GRANT SELECT ON {table} TO {protection.BACKUP_ROLE}")


def downgrade() -> None:
    """Remove what this revision added."""
    for table in TABLES:
        op.execute(f"DROP TABLE {table} CASCADE")
    driver = op.get_bind().connection.cursor()
    driver.execute(DROP_THE_REST)
    for (statement,) in driver.fetchall():
        driver.execute(statement)
