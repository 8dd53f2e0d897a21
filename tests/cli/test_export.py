"""`jiedan export` at the terminal."""

import csv
import json
from pathlib import Path

import psycopg
import pytest

from tests.cli.test_backup import shop
from tests.cli.test_commands import Terminal, database, terminal

__all__ = ["database", "shop", "terminal"]


@pytest.mark.parametrize("rows", ["orders", "lines"])
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_merchant_without_orders_has_headings(
    terminal: Terminal, shop: dict[str, str], tmp_path: Path, rows: str, ending: str
) -> None:
    path = tmp_path / f"a.{ending}"
    said = terminal.type(f"export {rows} {path} --filter payment=paid --filter payment=pending --json")
    assert (said.code, json.loads(said.out)) == (0, {"path": str(path), "rows": 0})
    if ending == "csv":
        (headings,) = csv.reader(path.read_text(encoding="utf-8-sig").splitlines())
        assert headings[0] == "Order"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_is_there_is_kept(terminal: Terminal, shop: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("precious")
    said = terminal.type(f"export orders {path}")
    assert (said.code, said.sentence) == (1, f"{path} exists already and is not overwritten: give another name.")
    assert path.read_text() == "precious"


def test_an_export_is_recorded_once_there_can_be_a_file(
    terminal: Terminal, shop: dict[str, str], tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("precious")
    for line, code in ((f"{path}", 1), (f"{tmp_path}/no/a.csv", 1), (f"{tmp_path}/b.csv", 0)):
        assert terminal.type(f"export orders {line}").code == code
    with psycopg.connect(shop["postgres"]) as connection:
        told = connection.execute("SELECT count(*) FROM event_log WHERE kind = 'exports.orders_exported'").fetchone()
    assert told == (1,)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("export orders a.ods", "a.ods must end in .csv or .xlsx, which tells how it is written."),
        ("export orders a.csv --filter color", "The filter color is not understood. It is not of the form name=value."),
    ],
)
def test_what_is_not_understood_is_named(terminal: Terminal, line: str, sentence: str) -> None:
    said = terminal.type(line)
    assert (said.code, said.sentence) == (2, sentence)


def test_a_filter_that_the_list_does_not_have_is_named(terminal: Terminal) -> None:
    said = terminal.type("export orders a.csv --filter payment=paid --filter color=red")
    assert said.code == 2
    assert said.sentence.startswith("The filter color=red is not understood. There is no field ")
    said = terminal.type("export orders a.csv --filter total-min=much --lang zh")
    assert said.code == 2
    assert said.sentence == "筛选条件 total-min=much 无法识别。应为 整数，实为 文本。"


def test_a_range_that_ends_before_it_begins_is_refused(
    terminal: Terminal, shop: dict[str, str], tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    said = terminal.type(f"export orders {path} --filter total_min=2 --filter total_max=1")
    assert (said.code, path.exists()) == (1, False)
    assert (
        said.sentence == "2 is more than 1, where the range ends, so nothing fits. Exchange the two, or leave one out."
    )
