"""The command line on good and bad days: one clear sentence, the right exit code, never a traceback."""

import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import pytest

from jiedan import cli
from jiedan.base import metrics, migrate, revisions, server, settings


class Said(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def sentence(self) -> str:
        """The one line on standard error."""
        (line,) = self.err.splitlines()
        return line


class Terminal:
    """Types commands and reads what they say."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def type(self, line: str) -> Said:
        """Run one command line."""
        return self.words(*line.split())

    def words(self, *words: str) -> Said:
        """Run one command whose words may have spaces inside."""
        code = cli.run(list(words))
        captured = self._capsys.readouterr()
        assert "Traceback" not in captured.err
        return Said(code, captured.out, captured.err)


@pytest.fixture
def terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, home: Path) -> Terminal:
    ours = (settings.PREFIX + name.upper() for name in (*settings.Settings.model_fields, "lang"))
    for name in (*ours, "LC_ALL", "LC_MESSAGES", "LANG", metrics.FOLDER_VARIABLE):
        monkeypatch.setenv(name, "")  # so that it is taken back at the end: commands set some themselves
        monkeypatch.delenv(name)
    monkeypatch.setenv("JIEDAN_HOME", str(home))
    monkeypatch.setenv("JIEDAN_TESTING", "1")
    return Terminal(capsys)


@pytest.fixture
def database(
    server_urls: dict[str, str], worker_id_or_main: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, str]]:
    """Return the URLs of an empty database by role; the settings name it."""
    name = f"jiedan_commanded_{worker_id_or_main}"
    named = {role: url.replace("__database__", name) for role, url in server_urls.items()}
    with psycopg.connect(server_urls["postgres"].replace("__database__", "postgres"), autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        admin.execute(f"CREATE DATABASE {name} OWNER jiedan_owner TEMPLATE template0")
        monkeypatch.setenv("JIEDAN_DATABASE_URL", named["jiedan_app"])
        monkeypatch.setenv("JIEDAN_DATABASE_OWNER_URL", named["jiedan_owner"])
        yield named
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


def test_help_names_every_command(terminal: Terminal) -> None:
    said = terminal.type("--help")
    assert said.code == 0
    assert all(command in said.out for command in cli.COMMANDS)


@pytest.mark.parametrize("command", list(cli.COMMANDS))
def test_every_command_explains_itself(terminal: Terminal, command: str) -> None:
    assert terminal.type(f"{command} --help").code == 0


@pytest.mark.parametrize("days", ["0", "-3", "999999999999", "forever"])
def test_a_life_of_a_key_that_cannot_be_is_said_in_one_line(terminal: Terminal, days: str) -> None:
    said = terminal.type(f"apikey create shop till --all --days={days}")
    assert (said.code, "DAYS" in said.sentence.upper()) == (2, True)


@pytest.mark.parametrize("host", ["a" * 80, "a..b"])
def test_what_no_host_is_called_is_named(terminal: Terminal, host: str) -> None:
    said = terminal.type(f"serve --host {host} --port {free_port()}")
    assert said.code == 1
    assert said.sentence.startswith(f"Jiedan cannot listen on {host}")


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("serv", "There is no command serv: did you mean serve?"),
        ("merchant nonsense", "There is no command nonsense. Use one of: create, list, show."),
        ("serve --prt 1", "There is no option --prt: did you mean --port?"),
        ("settings --colour blue", "There is no option --colour: --help lists what there is."),
        ("serve 1 2 3", "1, 2, 3 is too much: --help shows what the command takes."),
        ("import orders", "FILE is missing: --help shows what the command takes."),
        ("merchant create shop", "--name is missing: --help shows what the command takes."),
        ("serve --port 1 --port 2", "--port was given more than once: give it once."),
        ("serve --port many", "--port cannot be many: give a number."),
        ("apikey create shop till --all --days=-3", "--days cannot be -3: it must be >= 1."),
    ],
)
def test_what_is_typed_wrong_is_said_in_one_line_of_ours(terminal: Terminal, line: str, sentence: str) -> None:
    said = terminal.type(line)
    assert (said.code, said.sentence) == (2, sentence)


def test_a_word_that_is_no_text_is_named(terminal: Terminal) -> None:
    said = terminal.type("merchant show tea\udcff")
    assert (said.code, said.sentence) == (2, r"tea\udcff is not text: type it in UTF-8.")


def test_settings_are_listed_with_their_source_and_without_secrets(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JIEDAN_DATABASE_URL", "postgresql://app:hunter2@db/jiedan")
    for line in ("settings", "settings --json"):
        said = terminal.type(line)
        assert said.code == 0
        assert "hunter2" not in said.out
        assert all(settings.PREFIX + name.upper() in said.out for name in settings.Settings.model_fields)
    listed = {each["name"]: each for each in json.loads(said.out)}
    assert listed["JIEDAN_DATABASE_URL"]["value"] == settings.MASK
    assert listed["JIEDAN_DATABASE_URL"]["source"] == "environment"
    assert listed["JIEDAN_PORT"] == {
        "name": "JIEDAN_PORT",
        "value": 8000,
        "source": "default",
        "meaning": "port to listen on",
    }


def test_an_unknown_setting_stops_every_command(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIEDAN_PROT", "8001")
    said = terminal.type("serve")
    assert (said.code, said.sentence) == (2, "JIEDAN_PROT is not a setting of Jiedan: did you mean JIEDAN_PORT?")


def test_an_unknown_language_is_refused(terminal: Terminal) -> None:
    assert terminal.type("settings --lang fr").sentence.startswith("There is no translation for fr")


def test_errors_are_json_when_results_are(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIEDAN_PORT", "0")
    said = terminal.type("settings --json")
    assert said.code == 2
    assert json.loads(said.err)["error"]["code"] == "BadSetting"


def test_a_taken_port_is_named(terminal: Terminal) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = terminal.type(f"serve --port {port}")
    assert said.code == 1
    assert said.sentence == (
        f"Port {port} on 127.0.0.1 is taken by another program: stop it, or choose another port with --port."
    )


def test_an_address_of_another_machine_is_named(terminal: Terminal) -> None:
    said = terminal.type(f"serve --host 192.0.2.1 --port {free_port()}")
    assert said.code == 1
    assert said.sentence.startswith("Jiedan cannot listen on 192.0.2.1")


def test_an_unreachable_database_is_named(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIEDAN_DATABASE_URL", "postgresql://app:hunter2@127.0.0.1:9/jiedan")
    said = terminal.type(f"serve --port {free_port()}")
    assert said.code == 1
    assert said.sentence.startswith("The database jiedan@127.0.0.1 does not answer")
    assert "hunter2" not in said.err
    monkeypatch.setenv("JIEDAN_DATABASE_OWNER_URL", "postgresql://owner:hunter2@127.0.0.1:9/jiedan")
    said = terminal.type("migrate")
    assert said.code == 1
    assert "JIEDAN_DATABASE_OWNER_URL" in said.sentence


def test_migrations_behind_and_ahead_are_told_apart(terminal: Terminal, database: dict[str, str]) -> None:
    serve = f"serve --port {free_port()}"
    said = terminal.type(serve)
    assert (said.code, said.sentence.endswith("run `jiedan migrate`.")) == (1, True)
    assert terminal.type("migrate").code == 0
    with psycopg.connect(database["jiedan_owner"], autocommit=True) as owner:
        owner.execute("UPDATE alembic_version SET version_num = '9999'")
    for line in (serve, "migrate"):
        said = terminal.type(line)
        assert said.code == 1
        assert "migrated by a newer Jiedan (revision 9999)" in said.sentence


def test_unsafe_servers_and_roles_are_refused(
    terminal: Terminal, database: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate.migrate(database["jiedan_owner"])
    serve = f"serve --port {free_port()}"
    monkeypatch.delenv("JIEDAN_TESTING")
    assert "runs with fsync off" in terminal.type(serve).sentence
    monkeypatch.setenv("JIEDAN_DATABASE_URL", database["postgres"])
    said = terminal.type(serve)
    assert said.code == 1
    assert "postgres is a superuser" in said.sentence


def test_a_worker_that_could_not_look_for_due_work_is_not_started(
    terminal: Terminal, database: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate.migrate(database["jiedan_owner"])
    for line in ("worker", f"serve --processes 1 --port {free_port()}"):
        monkeypatch.delenv("JIEDAN_DATABASE_DISPATCH_URL", raising=False)
        assert terminal.type(line).sentence.startswith("The worker needs JIEDAN_DATABASE_DISPATCH_URL")
        monkeypatch.setenv("JIEDAN_DATABASE_DISPATCH_URL", database["jiedan_app"])
        said = terminal.type(line)
        assert (said.code, said.sentence[:44]) == (1, "The database role jiedan_app cannot look for")
        monkeypatch.setenv("JIEDAN_DATABASE_DISPATCH_URL", "postgresql://x@127.0.0.1:9/jiedan")
        assert "what JIEDAN_DATABASE_DISPATCH_URL says" in terminal.type(line).sentence


def test_a_database_of_another_encoding_is_not_migrated(
    terminal: Terminal, server_urls: dict[str, str], worker_id_or_main: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"jiedan_latin_{worker_id_or_main}"
    with psycopg.connect(server_urls["postgres"].replace("__database__", "postgres"), autocommit=True) as admin:
        made = f"CREATE DATABASE {name} OWNER jiedan_owner TEMPLATE template0 ENCODING 'LATIN1' LOCALE_PROVIDER libc"
        admin.execute(f"{made} LOCALE 'C'".encode())
        monkeypatch.setenv("JIEDAN_DATABASE_URL", server_urls["jiedan_app"].replace("__database__", name))
        monkeypatch.setenv("JIEDAN_DATABASE_OWNER_URL", server_urls["jiedan_owner"].replace("__database__", name))
        said = terminal.type("migrate")
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
    assert (said.code, said.sentence.startswith("The database stores text as LATIN1")) == (1, True)


def test_more_processes_than_the_database_has_connections_for_are_refused(
    terminal: Terminal, database: dict[str, str]
) -> None:
    migrate.migrate(database["jiedan_owner"])
    said = terminal.type(f"serve --processes 400 --port {free_port()}")
    assert said.code == 1
    assert "may open 4020 database connections" in said.sentence


def test_migrations_need_the_owner(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIEDAN_DATABASE_URL", "postgresql://app@db/jiedan")
    said = terminal.type("migrate")
    assert said.code == 1
    assert "JIEDAN_DATABASE_OWNER_URL" in said.sentence


def test_a_home_that_cannot_be_written_is_named(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("JIEDAN_HOME", str(tmp_path / "file" / "home"))
    said = terminal.type("migrate")
    assert said.code == 1
    assert "set JIEDAN_HOME to a folder that is" in said.sentence


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_named(terminal: Terminal, monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.setattr(os, "fsync", _no_room)
    said = terminal.type("migrate")
    assert said.code == 1
    assert said.sentence == f"The disk that holds {home} is full: free some space and start again."


def test_migrate_brings_the_embedded_database_up_and_leaves_nothing_running(terminal: Terminal, home: Path) -> None:
    said = terminal.type("migrate --json")
    assert said.code == 0
    assert json.loads(said.out) == {"before": None, "revision": revisions.newest()}
    assert server.status(home).state == "stopped"
    said = terminal.type("migrate")
    assert said.out == f"The database is at revision {revisions.newest()}.\n"


def _no_room(_: Any) -> None:
    with Path("/dev/full").open("w") as full:
        full.write("more than fits")
