"""`jiedan prices` and `jiedan coupons` at the terminal: rules, versions, quotes, codes."""

import asyncio
import csv
import json
from pathlib import Path

import psycopg
import pytest

from jiedan.base import directory
from jiedan.base.clock import SystemClock
from jiedan.base.db import Database, Scope
from jiedan.base.ids import TenantId, UuidFactory
from jiedan.pricing import service as pricing
from jiedan.pricing.values.coupons import COUPONS_AT_ONCE_MAX
from jiedan.pricing.values.promotions import Goods, PercentOff, Promotion, When
from tests.cli.test_commands import Terminal, database, terminal
from tests.orders import factories

__all__ = ["database", "terminal"]

TENTH = Promotion("tenth", "A tenth off tea", PercentOff(100_000), Goods(any_of=("sku:TEA",)))
SPRING = Promotion("spring", "Spring", PercentOff(500_000), when=When(coupon="required"))


@pytest.fixture
def shop(terminal: Terminal, database: dict[str, str]) -> None:
    """Open a shop with tea, and draft two promotions."""
    assert terminal.type("migrate").code == 0
    asyncio.run(_open(database))


async def _open(urls: dict[str, str]) -> None:
    clock = SystemClock()
    scope = Scope(TenantId(UuidFactory().new(clock.now())))
    db = Database(urls["jiedan_app"], clock=clock)
    try:
        async with db.begin(scope) as tx:
            await directory.register(tx, slug=f"m-{tx.tenant}")
        await factories.shop(db, scope, {"TEA": {"W1": 9}})
        async with db.begin(scope) as tx:
            for one in (TENTH, SPRING):
                await pricing.create_rule(tx, kind="promotion", body=one)
    finally:
        await db.close()


@pytest.mark.usefixtures("shop")
def test_rules_are_looked_at_published_and_gone_back_to(terminal: Terminal) -> None:
    drafted = json.loads(terminal.type("prices rules --kind promotion --json").out)
    assert [(x["code"], x["state"]) for x in drafted] == [
        ("spring", "not published yet"), ("tenth", "not published yet"),
    ]  # fmt: skip
    assert "10%" in drafted[1]["says"]
    assert [x["change"] for x in json.loads(terminal.type("prices changes --json").out)] == ["added", "added"]
    published = terminal.type("prices publish --note First")
    assert (published.code, published.out.startswith("Version 1 of the price rules holds from")) == (0, True)
    assert terminal.type("prices changes").out == "The draft says what is published.\n"
    again = terminal.type("prices publish")
    assert (again.code, again.out) == (1, "")
    same = terminal.type("prices roll-back 1")
    assert same.code == 1
    assert terminal.type("prices roll-back 9").code == 1
    listed = json.loads(terminal.type("prices versions --json").out)
    assert [(x["version"], x["state"], x["note"]) for x in listed] == [(1, "in_force", "First")]
    assert "in force" in terminal.type("prices versions").out


@pytest.mark.usefixtures("shop")
def test_a_cart_in_a_file_is_priced(terminal: Terminal, tmp_path: Path) -> None:
    assert terminal.type("prices publish").code == 0
    file = tmp_path / "cart.json"
    file.write_text(json.dumps({"lines": [{"sku": "TEA", "quantity": 2}]}))
    shown = terminal.type(f"prices quote {file}")
    assert (shown.code, "¥18.00" in shown.out, "A tenth off tea" in shown.out) == (0, True, True)
    file.write_text(json.dumps({"carts": [{"lines": [{"sku": sku, "quantity": 1}]} for sku in ("TEA", "NOPE")]}))
    told = terminal.type(f"prices quote {file} --json")
    priced, refused = json.loads(told.out)
    assert (told.code, priced["total_minor"], priced["trace"]["rules_version"]) == (1, 900, 1)
    assert refused["errors"][0]["field"] == "lines[0].sku"
    assert "lines[0].sku: " in terminal.type(f"prices quote {file}").out
    file.write_text("{")
    assert terminal.type(f"prices quote {file}").sentence == f"{file} cannot be read: it ends too early."
    file.write_bytes(b"")
    assert terminal.type(f"prices quote {file}").sentence == f"{file} cannot be read: it is empty."
    file.write_bytes(b'{"lines": [{"sku": "\xff", "quantity": 1}]}')
    assert terminal.type(f"prices quote {file}").sentence == f"{file} cannot be read: a string is not UTF-8."
    for sku in (r"A\u0000", r"A\ud800"):
        file.write_text(f'{{"lines": [{{"sku": "{sku}", "quantity": 1}}]}}')
        said = terminal.type(f"prices quote {file}")
        assert (said.code, "lines[0].sku" in said.err) == (1, True)
    file.write_text(json.dumps({"carts": [{"lines": [{"sku": "TEA", "quantity": "many"}]}]}))
    assert terminal.type(f"prices quote {file}").code == 1
    assert terminal.type(f"prices quote {tmp_path}/none.json").code == 2


@pytest.mark.usefixtures("shop")
def test_coupons_are_made_written_and_looked_up(terminal: Terminal, tmp_path: Path) -> None:
    size = COUPONS_AT_ONCE_MAX + 5
    line = f"coupons make spring --size {size} --prefix SPRING --uses-max 1 --key first --json"
    made = json.loads(terminal.type(line).out)
    assert (made["made"], made["size"]) == (size, size)
    assert json.loads(terminal.type(line).out) == made, "the same key makes no second batch"
    file = tmp_path / "codes.csv"
    assert terminal.type(f"coupons export {made['coupon_batch_id']} {file}").code == 0
    assert terminal.type(f"coupons export {made['coupon_batch_id']} {file}").code == 1, "the file is there"
    rows = file.read_text(encoding="utf-8-sig").splitlines()
    assert len(rows) == size + 1
    assert terminal.type("coupons make spring --code TEA-10 --valid-until 2099-12-31").code == 0
    assert len(json.loads(terminal.type("coupons list --promotion spring --json").out)) == 2
    (found,) = json.loads(terminal.type("coupons find tea10 --json").out)
    assert (found["promotion"], found["used"]) == ("spring", 0)
    assert terminal.type("coupons find NOPE-1").code == 1
    assert terminal.type("coupons make spring").code == 1


@pytest.mark.usefixtures("shop")
def test_a_code_that_looks_like_a_formula_is_a_text_in_the_file(
    terminal: Terminal, tmp_path: Path, database: dict[str, str]
) -> None:
    """No code can be typed that does; one that got in otherwise is shielded all the same."""
    made = json.loads(terminal.type("coupons make spring --code TEA-10 --json").out)
    with psycopg.connect(database["postgres"], autocommit=True) as connection:
        connection.execute("UPDATE coupon SET code = '=1+1'")
    file = tmp_path / "codes.csv"
    assert terminal.type(f"coupons export {made['coupon_batch_id']} {file}").code == 0
    (_, (_, code, *_)) = csv.reader(file.read_text(encoding="utf-8-sig").splitlines())
    assert code == "'=1+1"


@pytest.mark.usefixtures("shop")
def test_the_draft_is_replayed(terminal: Terminal, database: dict[str, str]) -> None:
    none = terminal.type("prices replay --days 7")
    assert (none.code, none.out) == (1, "")
    asyncio.run(_order(database))
    shown = terminal.type("prices replay --days 7")
    assert (shown.code, "¥18.00" in shown.out) == (0, True), shown
    assert shown.out.endswith("Orders replayed: 1; days: 7.\n")
    told = json.loads(terminal.type("prices replay --days 7 --json").out)
    total = next(x for x in told["sums"] if x["figure"] == "total")
    assert (told["status"], total["before_minor"], total["after_minor"]) == ("completed", 2_000, 1_800)
    assert {"of_today", "behavior"} <= {note["code"] for note in told["notes"]}
    assert terminal.type("prices replay --days 999").code == 1


async def _order(urls: dict[str, str]) -> None:
    db = Database(urls["jiedan_app"], clock=SystemClock())
    try:
        (found,) = await directory.entries(db)
        await factories.place_one(db, Scope(found.tenant), factories.order(("TEA", 2)))
    finally:
        await db.close()


@pytest.mark.usefixtures("shop")
def test_some_changes_are_published(terminal: Terminal) -> None:
    unknown = terminal.type("prices publish --rule promotion:gone")
    assert unknown.code == 1
    assert terminal.type("prices publish --rule promotion:spring --begins-at 2099-01-01T00:00:00").code == 0
    published = terminal.type("prices publish --rule promotion:tenth")
    assert (published.code, "Version 2" in published.out, "as version 3" in published.out) == (0, True, True)
    assert terminal.type("prices changes").out == "The draft says what is published.\n"
