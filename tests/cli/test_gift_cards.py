"""`jiedan gift-cards` at the terminal."""

import json

import psycopg
import pytest

from tests.cli.test_backup import shop
from tests.cli.test_commands import Terminal, database, terminal

__all__ = ["database", "shop", "terminal"]

OTHER = "another secret that is long enough for it"


def test_cards_are_moved_to_the_present_secret(
    terminal: Terminal, shop: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with psycopg.connect(shop["postgres"]) as connection:
        connection.execute(
            "INSERT INTO wallet (tenant_id, wallet_id, kind, unit, balance, opened_at)"
            " SELECT tenant_id, gen_random_uuid(), 'gift_card', 'CNY', 0, now() FROM directory"
        )
        connection.execute(
            "INSERT INTO gift_card (tenant_id, wallet_id, code_hash, last_four, issued, note, version)"
            " SELECT tenant_id, wallet_id, '\\x00', 'JKMN', 100, '', 1 FROM wallet WHERE tenant_id IS NOT NULL"
        )
    unknown = terminal.type("gift-cards rekey --json")
    told = json.loads(unknown.out)
    assert (unknown.code, told["moved"], told["cards"], told["unknown"] > 0) == (1, 0, told["unknown"], True)
    monkeypatch.setenv("JIEDAN_SECRET", OTHER)
    said = terminal.type("gift-cards rekey")
    assert (said.code, "0 of 1 gift cards were moved" in said.out) == (1, True)
