"""`jiedan customer` at the terminal."""

import json
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.cli.test_backup import shop
from tests.cli.test_commands import Terminal, database, terminal

__all__ = ["database", "shop", "terminal"]


@pytest.fixture
def leaver(terminal: Terminal, shop: dict[str, str], tmp_path: Path) -> tuple[str, str]:
    """Return the merchant's slug and a customer, who has no address to be told at."""
    path = tmp_path / "people.csv"
    path.write_text("external_id,name\nC-1,Han Lei\n", encoding="utf-8")
    assert terminal.type(f"import customers {path}").code == 0
    with psycopg.connect(shop["postgres"]) as connection:
        row: Any = connection.execute(
            "SELECT d.slug, c.customer_id FROM customer c JOIN directory d ON d.tenant_id = c.tenant_id"
        ).fetchone()
    return row[0], str(row[1])


def test_a_customer_is_erased_once_confirmed(terminal: Terminal, shop: dict[str, str], leaver: tuple[str, str]) -> None:
    slug, customer_id = leaver
    previewed = terminal.type(f"customer preview-erasure {slug} {customer_id}")
    assert (previewed.code, "Nothing stands in the way. To erase: --confirm 'Han Lei'" in previewed.out) == (0, True)
    refused = terminal.type(f"customer erase {slug} {customer_id} --confirm Han")
    assert (refused.code, "Type exactly: Han Lei" in refused.err) == (1, True)
    erased = [terminal.type(f"customer erase {slug} {customer_id} --confirm hanlei"), *_erased(terminal, leaver)]
    assert [said.code for said in erased] == [1, 0, 0]
    told = json.loads(erased[-1].out)
    assert (told["status"], told["orders_done"]) == ("done", 0)
    with psycopg.connect(shop["postgres"]) as connection:
        names = connection.execute(
            "SELECT name, external_id FROM customer WHERE customer_id = %s AND tenant_id IS NOT NULL", [customer_id]
        )
        assert names.fetchall() == [("", None)]
    again = terminal.type(f"customer preview-erasure {slug} {customer_id}")
    assert (again.code, "were erased" in again.err) == (1, True)


def _erased(terminal: Terminal, leaver: tuple[str, str]) -> list[Any]:
    """Erase, and do it again: the second time there is nothing left to do."""
    command = "customer erase {} {} --json --confirm".format(*leaver)
    return [terminal.words(*command.split(), "Han Lei") for _ in range(2)]


def test_a_guest_who_is_unknown_or_not_confirmed_is_told_of(terminal: Terminal, leaver: tuple[str, str]) -> None:
    unknown = terminal.type(f"customer erase-guest {leaver[0]} nobody@example.com --confirm nobody@example.com")
    assert (unknown.code, "No guest has ordered with nobody@example.com." in unknown.err) == (1, True)
    wrong = terminal.type(f"customer erase-guest {leaver[0]} nobody")
    assert (wrong.code, "nobody is not an e-mail address." in wrong.err) == (1, True)
