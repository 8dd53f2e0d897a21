"""`jiedan backup` and `jiedan restore` at the terminal."""

import json
from pathlib import Path

import psycopg
import pytest

from tests.cli.test_commands import Terminal, database, terminal

__all__ = ["database", "terminal"]

MERCHANT = (
    "merchant create shop --name Shop --owner-email a@example.com --owner-name A --country GB"
    " --time-zone Europe/London --currency GBP"
)


@pytest.fixture
def shop(terminal: Terminal, database: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Return the URLs of a database with one merchant; the settings name it."""
    monkeypatch.setenv("JIEDAN_DATABASE_BACKUP_URL", database["jiedan_backup"])
    assert terminal.type("migrate").code == 0
    assert terminal.type(MERCHANT).code == 0
    return database


def emptied(urls: dict[str, str]) -> None:
    """Take everything out of the database."""
    with psycopg.connect(urls["postgres"], autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public AUTHORIZATION pg_database_owner")
        connection.execute("GRANT USAGE ON SCHEMA public TO PUBLIC")


def test_a_merchant_comes_back_into_an_empty_database(
    terminal: Terminal, shop: dict[str, str], home: Path, tmp_path: Path
) -> None:
    path = tmp_path / "shop.backup"
    said = terminal.type(f"backup {path} --json")
    assert said.code == 0
    assert json.loads(said.out)["manifest"]["tables"]["merchant"]["rows"] == 1
    assert "signing secret" in said.err
    assert terminal.type(f"restore {path}").err.startswith("The database holds tables already")

    emptied(shop)
    secret = (home / "secret").read_text()
    (home / "secret").unlink()
    said = terminal.type(f"restore {path}")
    assert said.code == 0
    assert "are as they were when the backup was made." in said.out
    assert "The books balance" in said.out
    assert (home / "secret").read_text() == secret
    assert "shop" in terminal.type("merchant list").out


def test_another_secret_is_refused_before_anything_is_written(
    terminal: Terminal, shop: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "shop.backup"
    assert terminal.type(f"backup {path}").code == 0
    emptied(shop)
    monkeypatch.setenv("JIEDAN_SECRET", "another secret of at least 32 letters")
    said = terminal.type(f"restore {path}")
    assert said.code == 1
    assert "set JIEDAN_SECRET to the one it was made under" in said.sentence
    monkeypatch.delenv("JIEDAN_SECRET")
    assert terminal.type(f"restore {path}").code == 0


def test_without_the_role_that_may_read_everything_nothing_is_backed_up(
    terminal: Terminal, shop: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JIEDAN_DATABASE_BACKUP_URL")
    said = terminal.type(f"backup {tmp_path / 'shop.backup'}")
    assert said.code == 1
    assert "JIEDAN_DATABASE_BACKUP_URL" in said.sentence


def test_an_empty_database_has_nothing_to_back_up(
    terminal: Terminal, database: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JIEDAN_DATABASE_BACKUP_URL", database["jiedan_backup"])
    said = terminal.type(f"backup {tmp_path / 'a.backup'}")
    assert said.sentence == "There is nothing to back up: the database has no tables yet."
