"""`jiedan fulfillment` at the terminal: sets of numbers, from the command line and from files."""

import asyncio
import json
from pathlib import Path

import pytest

from jiedan.base import directory
from jiedan.base.clock import SystemClock
from jiedan.base.db import Database, Scope, Tx
from jiedan.base.ids import TenantId, UuidFactory
from tests.cli.test_commands import Terminal, database, terminal
from tests.fulfillment.factories import Floor, floor

__all__ = ["database", "terminal"]


@pytest.fixture
def numbers(terminal: Terminal, database: dict[str, str]) -> list[str]:
    """Return the numbers of two orders that were released and of one that nobody has paid."""
    assert terminal.type("migrate").code == 0
    return asyncio.run(_open(database))


async def _open(urls: dict[str, str]) -> list[str]:
    clock = SystemClock()
    scope = Scope(TenantId(UuidFactory().new(clock.now())))
    db = Database(urls["jiedan_app"], clock=clock)
    try:
        await db.write(scope, _register)
        at = await floor(db, scope, {"TEA": {"W1": 9}})
        return [await _number(at, terms) for terms in ("on_account", "on_account", "prepaid")]
    finally:
        await db.close()


async def _register(tx: Tx) -> None:
    await directory.register(tx, slug=f"m-{tx.tenant}")


async def _number(at: Floor, terms: str) -> str:
    order_id = await at.place(("TEA", 1), payment_terms=terms)
    return (await at.order(order_id)).order.number


def test_orders_go_out_from_the_command_line(terminal: Terminal, numbers: list[str], tmp_path: Path) -> None:
    first, second, unpaid = numbers
    listed = json.loads(terminal.type("fulfillment list --location W1 --json").out)
    assert [x["number"] for x in listed] == [f"{first}-F1", f"{second}-F1"]
    assert json.loads(terminal.type("fulfillment list --status packed --json").out) == []
    refused = terminal.type(f"fulfillment release {unpaid} SO-NONE")
    assert refused.code == 1
    assert "cannot be released" in refused.out
    assert "Nothing has this number." in refused.out
    assert refused.out.rstrip().endswith("0 done, 2 refused.")
    assert terminal.type(f"fulfillment pick {first} {second} {first}").out == "2 done, 0 refused.\n"
    assert terminal.type(f"fulfillment pack {first}-F1 {second} --weight-g 300").out == "2 done, 0 refused.\n"
    assert terminal.type(f"fulfillment pack {first}-F1 --notes-read").code == 1
    file = tmp_path / "parcels.csv"
    file.write_text(f"{first}-F1-P1,SF,SF1\n\n{second}-F1, ZTO\n")
    assert terminal.type(f"fulfillment ship --file {file} --lang zh_Hans").code == 0
    again = json.loads(terminal.type(f"fulfillment ship --file {file} --json").out)
    assert (again["done"], again["refused"], again["rows"][0]["number"]) == (0, 2, f"{first}-F1-P1")
    assert terminal.type(f"fulfillment deliver {first}-F1-P1 {second}-F1").code == 0
    assert terminal.type("fulfillment list --status delivered --late").code == 0


def test_goods_are_collected_for_the_code_that_was_printed(terminal: Terminal, numbers: list[str]) -> None:
    terminal.type(f"fulfillment pick {numbers[0]}")
    terminal.type(f"fulfillment pack {numbers[0]}")
    (row,) = json.loads(terminal.type(f"fulfillment ready {numbers[0]} --json").out)["rows"]
    assert terminal.type(f"fulfillment collect {numbers[0]} WRONG").code == 1
    assert terminal.type(f"fulfillment collect {numbers[0]} {row['code']}").code == 0


@pytest.mark.usefixtures("numbers")
@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("fulfillment pick", "Name what is meant: numbers, or --file with one number in each line."),
        ("fulfillment list --location NO", "There is no location NO."),
    ],
)
def test_what_is_not_understood_is_named(terminal: Terminal, line: str, sentence: str) -> None:
    said = terminal.type(line)
    assert (said.code, said.sentence) == (2, sentence)


def test_a_file_that_is_not_there_is_named(terminal: Terminal, tmp_path: Path) -> None:
    said = terminal.type(f"fulfillment pick --file {tmp_path}/none.txt")
    assert (said.code, "cannot be read" in said.sentence) == (2, True)
    binary = tmp_path / "binary"
    for content, reason in (
        (b"\xff\xfe\x00\xff", "byte 0 is not utf-8"),
        (b"SO-1\x00\n", "it has characters that no text may have"),
        (b'"' + b"9" * 200_000, "“field larger than field limit"),
    ):
        binary.write_bytes(content)
        said = terminal.type(f"fulfillment pick --file {binary}")
        assert (said.code, said.sentence.startswith(f"{binary} cannot be read: {reason}")) == (2, True)
