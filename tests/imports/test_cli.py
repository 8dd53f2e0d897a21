"""`jiedan import` on files of this machine."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from jiedan import cli
from jiedan.base import settings
from tests.conftest import Urls
from tests.imports import olist
from tests.imports.factories import csv_of
from tests.imports.test_orders_online_retail import SLICE
from tests.patience import PATIENCE_S, connected, eventually

HELD = """
SELECT pg_advisory_lock(4711);
CREATE FUNCTION import_held() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_advisory_xact_lock_shared(4711); RETURN NEW; END $$;
CREATE TRIGGER import_held BEFORE UPDATE ON import_run FOR EACH ROW
    WHEN (NEW.kind LIKE '{kind}' AND OLD.position > 1 AND NEW.position > OLD.position)
    EXECUTE FUNCTION import_held();
"""
"""Let imports of a kind wait with their second chunk, until `LET_GO`."""

IS_HELD = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711 AND NOT granted"
LET_GO = """
DROP TRIGGER import_held ON import_run;
DROP FUNCTION import_held();
SELECT pg_advisory_unlock(4711);
"""


def kill_in_the_middle(owner: psycopg.Connection[Any], command: list[str], *, kind: str) -> None:
    """Start an import, and kill it while it saves its second chunk of a kind, of which nothing is left then."""
    before = connected(owner)
    owner.execute(HELD.format(kind=kind).encode())
    patient = {f"JIEDAN_{wait}_TIMEOUT_MS": str(round(PATIENCE_S * 1000)) for wait in ("LOCK", "STATEMENT")}
    importing = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, **patient}
    )
    try:
        eventually(lambda: is_held(owner) or importing.poll() is not None, "it never came so far")
        assert importing.poll() is None, "it ended before it could be killed"
    finally:
        importing.kill()
        importing.wait()
        for pid in connected(owner) - before:  # while a statement waits the server hears nothing of the kill
            owner.execute("SELECT pg_terminate_backend(%s, 10000)", [pid])
        owner.execute(LET_GO.encode())


def is_held(owner: psycopg.Connection[Any]) -> bool:
    here = " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    return owner.execute(f"{IS_HELD}{here}".encode()).fetchone() != (0,)


class Terminal:
    """Types `jiedan import …` and reads what it says as JSON."""

    def __init__(self, capsys: pytest.CaptureFixture[str], folder: Path, slug: str) -> None:
        self._capsys = capsys
        self._folder = folder
        self._slug = slug

    def file(self, *lines: str) -> str:
        path = self._folder / "rows.csv"
        path.write_bytes(csv_of(*lines))
        return str(path)

    def run(self, *words: str) -> tuple[int, Any]:
        code = cli.run(["import", *words, "--merchant", self._slug, "--json"])
        said = self._capsys.readouterr()
        return code, json.loads(said.out or said.err.splitlines()[-1])


@pytest.fixture
def terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, urls: Urls, tmp_path: Path, slug: str
) -> Terminal:
    for name in settings.Settings.model_fields:
        monkeypatch.delenv(settings.PREFIX + name.upper(), raising=False)
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("JIEDAN_HOME", str(tmp_path))
    monkeypatch.setenv("JIEDAN_TESTING", "1")
    monkeypatch.setenv("JIEDAN_DATABASE_URL", urls.app)
    return Terminal(capsys, tmp_path, slug)


@pytest.fixture
def slug(urls: Urls) -> str:
    """Return a merchant made by the command line itself."""
    return f"import-{uuid4().hex[:12]}"


def opened(slug: str) -> None:
    options = {
        "name": "Acme Tea", "owner-email": "wang@example.com", "owner-name": "Wang Min", "country": "CN",
        "time-zone": "Asia/Shanghai", "currency": "CNY",
    }  # fmt: skip
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    assert cli.run(["merchant", "create", slug, *words, "--json"]) == 0


def brazilian(slug: str) -> None:
    options = {
        "name": "Mercado", "owner-email": "ana@example.com", "owner-name": "Ana", "country": "BR",
        "time-zone": "America/Sao_Paulo", "currency": "BRL",
    }  # fmt: skip
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    assert cli.run(["merchant", "create", slug, *words, "--json"]) == 0


def british(slug: str) -> None:
    options = {
        "name": "Gifts", "owner-email": "ann@example.com", "owner-name": "Ann", "country": "GB",
        "time-zone": "Europe/London", "currency": "GBP",
    }  # fmt: skip
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    assert cli.run(["merchant", "create", slug, *words, "--json"]) == 0


def test_a_file_is_tried_imported_and_imported_again(terminal: Terminal, slug: str) -> None:
    opened(slug)
    terminal._capsys.readouterr()
    path = terminal.file("Ref,name,price", "A,Apple,1.50", "B,Banana,2")
    mapped = ("--map", "sku=Ref")
    code, trial = terminal.run("products", path, *mapped, "--dry-run")
    assert (code, trial["counts"]["created"]) == (0, 2)
    code, done = terminal.run("products", path, *mapped)
    assert (code, done["status"], done["counts"]["created"]) == (0, "completed", 2)
    code, again = terminal.run("products", path, *mapped)
    assert (code, again["counts"]["unchanged"]) == (0, 2)


def test_refused_rows_are_told_by_the_exit_code(terminal: Terminal, slug: str) -> None:
    opened(slug)
    terminal._capsys.readouterr()
    code, done = terminal.run("products", terminal.file("sku,name,price", "A,Apple,x", "B,Bee,1"))
    assert (code, done["counts"]["refused"], done["counts"]["created"]) == (1, 1, 1)


@pytest.mark.parametrize(
    ("words", "code", "error"),
    [
        (("unicorns", "FILE"), 1, "unknown_import_kind"),
        (("products", "FILE", "--map", "sku"), 2, None),
        (("products", "FILE", "--map", "sku=Nope"), 1, "column_unknown"),
        (("products", "MISSING"), 2, None),
    ],
)
def test_a_command_typed_wrong_says_what_is_wrong(
    terminal: Terminal, words: tuple[str, ...], code: int, error: str | None
) -> None:
    path = terminal.file("sku,name", "A,Apple")
    typed = [path if word == "FILE" else f"{path}.none" if word == "MISSING" else word for word in words]
    got, said = terminal.run(*typed)
    assert got == code
    assert error is None or said["error"]["code"] == error


def test_a_command_that_was_killed_goes_on_without_doubling_or_losing(
    terminal: Terminal, slug: str, owner: psycopg.Connection[Any]
) -> None:
    opened(slug)
    terminal._capsys.readouterr()
    rows = 6_000
    path = terminal.file("sku,name,price", *(f"{slug}-{n},Thing {n},{n}" for n in range(rows)))
    words = ["import", "products", path, "--merchant", slug, "--json"]
    command = [sys.executable, "-c", "from jiedan import cli; cli.main()", *words]
    kill_in_the_middle(owner, command, kind="products")
    stored = "SELECT count(*) FROM sku s JOIN directory d USING (tenant_id) WHERE d.slug = %(slug)s"
    ((before,),) = owner.execute(stored, {"slug": slug})
    assert 0 < before < rows
    code, done = terminal.run("products", path)
    assert (code, done["counts"]["read"], done["counts"]["created"]) == (0, rows, rows)
    assert owner.execute(stored, {"slug": slug}).fetchone() == (rows,)


def test_a_month_of_a_known_system_comes_in_whole_and_says_so(terminal: Terminal, slug: str, tmp_path: Path) -> None:
    british(slug)
    terminal._capsys.readouterr()
    path = tmp_path / "slice.csv"
    path.write_bytes(SLICE)
    refused = tmp_path / "refused.csv"
    command = ["orders", str(path), "--preset", "online-retail", "--month", "2010-12", "--errors", str(refused)]
    code, said = terminal.run(*command)
    assert (code, said["is_whole"], said["totals"]["invoices"]["placed"]) == (0, True, 4)
    lines = refused.read_bytes().decode("utf-8-sig").splitlines()
    assert lines[0] == f"{SLICE.decode().splitlines()[0]},jiedan_row,jiedan_problem"
    assert len(lines) == 8
    assert terminal.run(*command) == (0, said)
    assert cli.run(["import", *command, "--merchant", slug, "--lang", "en"]) == 0
    told = terminal._capsys.readouterr().err.splitlines()
    assert [line.split(": ")[:2] for line in told[:3]] == [
        [kind, "done before"] for kind in ("products", "customers", "opening-stock")
    ]
    assert "done before" not in told[3]
    assert cli.run(["verify", slug, "--lang", "en"]) == 0
    assert terminal._capsys.readouterr().out.endswith(" checks, 1 merchant.\n")
    assert cli.run(["verify", slug, "--json"]) == 0


@pytest.mark.parametrize(("kind", "preset"), [("orders", "unicorns"), ("products", "online-retail")])
def test_a_preset_that_is_not_there_is_refused(terminal: Terminal, kind: str, preset: str) -> None:
    assert terminal.run(kind, terminal.file("a", "1"), "--preset", preset)[0] == 2


@pytest.mark.parametrize(
    ("words", "option"),
    [
        (("--preset", "online-retail", "--map", "sku=StockCode"), "--map"),
        (("--month", "2010-12"), "--month"),
    ],
)
def test_options_that_do_not_go_together_are_refused_by_name(
    terminal: Terminal,
    slug: str,
    owner: psycopg.Connection[Any],
    words: tuple[str, ...],
    option: str,
) -> None:
    opened(slug)
    terminal._capsys.readouterr()
    path = terminal.file(*SLICE.decode().splitlines())
    code, said = terminal.run("orders", path, *words)
    assert code == 2
    assert option in json.dumps(said)
    begun = "SELECT count(*) FROM import_run r JOIN directory d USING (tenant_id) WHERE d.slug = %(slug)s"
    assert owner.execute(begun, {"slug": slug}).fetchone() == (0,)


def test_a_field_may_say_the_same_in_every_row(terminal: Terminal, slug: str) -> None:
    opened(slug)
    terminal._capsys.readouterr()
    path = terminal.file("code,title", "A,Apple")
    code, said = terminal.run("products", path, "--map", "sku=code", "--map", "name=title", "--map", "status==active")
    assert (code, said["counts"]["created"], said["mapping"]["status"]) == (0, 1, "=active")


def test_refused_rows_are_written_corrected_and_imported(terminal: Terminal, slug: str, tmp_path: Path) -> None:
    opened(slug)
    terminal._capsys.readouterr()
    refused = tmp_path / "refused.csv"
    path = terminal.file("sku,name,price", "A,Apple,1", "B,Bee,x", "C,Cat,y")
    code, trial = terminal.run("products", path, "--dry-run", "--errors", str(refused))
    tried = refused.read_bytes()
    assert (code, trial["counts"]["refused"]) == (1, 2)
    code, _ = terminal.run("products", path, "--errors", str(refused))
    assert code == 1
    assert refused.read_bytes() == tried
    lines = tried.decode("utf-8-sig").splitlines()
    assert lines[0] == "sku,name,price,jiedan_row,jiedan_problem"
    assert lines[1] == "B,Bee,x,3,[price] x is not an amount in CNY. Correct the cell."
    refused.write_bytes(tried.replace(b"Bee,x", b"Bee,2").replace(b"Cat,y", b"Cat,3"))
    code, done = terminal.run("products", str(refused))
    assert (code, done["counts"]["created"]) == (0, 2)


def test_a_month_of_a_known_system_is_tried_and_nothing_stored(
    terminal: Terminal, slug: str, tmp_path: Path, owner: psycopg.Connection[Any]
) -> None:
    british(slug)
    terminal._capsys.readouterr()
    path, refused = tmp_path / "slice.csv", tmp_path / "refused.csv"
    path.write_bytes(SLICE)
    command = ["orders", str(path), "--preset", "online-retail", "--month", "2010-12", "--errors", str(refused)]
    code, tried = terminal.run(*command, "--dry-run")
    would_be_refused = refused.read_bytes()
    assert (code, tried["is_whole"]) == (0, True)
    for counted in (
        "SELECT count(*) FROM sku JOIN directory d USING (tenant_id) WHERE d.slug = %(slug)s",
        "SELECT count(*) FROM location JOIN directory d USING (tenant_id) WHERE d.slug = %(slug)s",
        "SELECT count(*) FROM orders JOIN directory d USING (tenant_id) WHERE d.slug = %(slug)s",
        "SELECT count(*) FROM import_run JOIN directory d USING (tenant_id) WHERE d.slug = %(slug)s",
    ):
        assert owner.execute(counted, {"slug": slug}).fetchone() == (0,)
    code, done = terminal.run(*command)
    assert (code, done["reasons"]) == (0, tried["reasons"])
    assert refused.read_bytes() == would_be_refused
    kept = "SELECT kind, created FROM import_run r JOIN directory d USING (tenant_id) WHERE d.slug = %(slug)s"
    stored = dict(owner.execute(kept, {"slug": slug}).fetchall())
    assert stored == {kind: counts["created"] for kind, counts in tried["counts"].items()}


def test_a_marketplace_comes_in_whole_and_says_so(terminal: Terminal, slug: str, tmp_path: Path) -> None:
    brazilian(slug)
    terminal._capsys.readouterr()
    folder = olist.write(tmp_path / "olist")
    code, said = terminal.run("olist", str(folder))
    assert (code, said["is_whole"]) == (0, True)
    assert said["totals"]["orders"] == {"files": 28, "stored": 28, "is_equal": True}
    assert said["dirt"]["delivered_never_approved"] == {"files": 1, "stored": None, "is_equal": True}
    assert terminal.run("olist", str(folder)) == (0, said)
    assert cli.run(["import", "olist", str(folder), "--merchant", slug]) == 0
    shown = terminal._capsys.readouterr()
    assert "Price of the items" in shown.out
    assert "404.00" in shown.out
    assert "Everything in the files is stored." in shown.err
    assert cli.run(["verify", slug, "--json"]) == 0


def test_a_marketplace_whose_import_was_killed_goes_on(
    terminal: Terminal, slug: str, tmp_path: Path, owner: psycopg.Connection[Any]
) -> None:
    brazilian(slug)
    terminal._capsys.readouterr()
    plain = olist.ORDERS[0]
    many = [plain._replace(name=f"plain-{n}", person="") for n in range(2_000)]
    folder = olist.write(tmp_path / "olist", [*olist.ORDERS, *many])
    command = [sys.executable, "-c", "from jiedan import cli; cli.main()", "import", "olist", str(folder)]
    kill_in_the_middle(owner, [*command, "--merchant", slug], kind="olist.orders-%")
    placed = "SELECT count(*) FROM orders o JOIN directory d USING (tenant_id) WHERE d.slug = %(slug)s"
    ((before,),) = owner.execute(placed, {"slug": slug})
    assert 0 < before < len(many)
    code, said = terminal.run("olist", str(folder))
    assert (code, said["totals"]["orders"]["stored"]) == (0, len(many) + len(olist.ORDERS))
    assert cli.run(["verify", slug, "--json"]) == 0


@pytest.mark.parametrize("words", [("--month", "2018-03"), ("--dry-run",), ("--map", "a=b"), ("--encoding", "gbk")])
def test_a_folder_is_imported_whole(terminal: Terminal, tmp_path: Path, words: tuple[str, ...]) -> None:
    code, said = terminal.run("olist", str(tmp_path), *words)
    assert code == 2
    assert words[0] in json.dumps(said)


def test_a_folder_without_the_set_is_refused(terminal: Terminal, slug: str, tmp_path: Path) -> None:
    brazilian(slug)
    terminal._capsys.readouterr()
    code, said = terminal.run("olist", str(tmp_path / "nothing"))
    assert (code, said["error"]["code"]) == (1, "olist_file_missing")
