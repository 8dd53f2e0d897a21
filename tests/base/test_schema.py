"""What tables get beside their columns, as the database has it."""

import psycopg

from jiedan import schema
from jiedan.base import tables
from tests.conftest import Urls


def test_tables_are_stored_as_they_ask(urls: Urls) -> None:
    asked = {
        table.name: {name: str(value).lower() for name, value in table.info[tables.STORAGE].items()}
        for table in schema.metadata.sorted_tables
        if tables.STORAGE in table.info
    }
    with psycopg.connect(urls.owner) as connection:
        rows = connection.execute(
            "SELECT relname, reloptions FROM pg_class WHERE relkind = 'r' AND reloptions IS NOT NULL"
            " AND relname NOT LIKE 'procrastinate%' AND relnamespace = 'public'::regnamespace"
        ).fetchall()
    assert {name: dict(option.split("=") for option in options) for name, options in rows} == asked
    assert {"outbox", "outbox_retry", "drain_lease", "number_series", "stock"} <= asked.keys()
