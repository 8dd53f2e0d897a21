"""Merchants, users and API keys from the command line."""

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from jiedan import cli
from jiedan.base import settings
from jiedan.base.ids import TenantId
from tests.conftest import Urls


class Terminal:
    """Types commands and reads what they say as JSON."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def json(self, *words: str) -> Any:
        """Run a command that succeeds."""
        code = cli.run([*words, "--json"])
        said = self._capsys.readouterr()
        assert code == 0, said.err
        return json.loads(said.out)

    def text(self, *words: str) -> str:
        """Run a command that succeeds, for people."""
        code = cli.run(list(words))
        said = self._capsys.readouterr()
        assert code == 0, said.err
        return said.out

    def refused(self, *words: str, code: int = 1) -> list[Any]:
        """Run a command that is refused, ending with `code`, and return why, reason by reason."""
        assert cli.run([*words, "--json"]) == code
        return [json.loads(line)["error"] for line in self._capsys.readouterr().err.splitlines()]


@pytest.fixture
def terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, urls: Urls, tmp_path: Path
) -> Terminal:
    for name in settings.Settings.model_fields:
        monkeypatch.delenv(settings.PREFIX + name.upper(), raising=False)
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("JIEDAN_HOME", str(tmp_path))
    monkeypatch.setenv("JIEDAN_TESTING", "1")
    monkeypatch.setenv("JIEDAN_DATABASE_URL", urls.app)
    return Terminal(capsys)


def creation(slug: str, **changes: str) -> list[str]:
    options = {
        "name": "Acme Tea", "owner-email": "wang@example.com", "owner-name": "Wang Min", "country": "CN",
        "time-zone": "Asia/Shanghai", "currency": "CNY", "accept": "USD", **changes,
    }  # fmt: skip
    return ["merchant", "create", slug, *(word for k, v in options.items() for word in (f"--{k}", v))]


@pytest.fixture
def slug(terminal: Terminal) -> str:
    made = f"cli-{uuid4().hex[:12]}"
    terminal.json(*creation(made))
    return made


def test_a_merchant_is_created_listed_and_shown(terminal: Terminal) -> None:
    slug = f"cli-{uuid4().hex[:12]}"
    made = terminal.json(*creation(slug))
    assert made["link"].startswith(f"http://localhost:8000/c/{slug}/join?token=")
    assert slug in {row["slug"] for row in terminal.json("merchant", "list")}
    shown = terminal.json("merchant", "show", slug)
    assert (shown["tenant_id"], shown["currencies"], shown["version"]) == (made["tenant_id"], ["CNY", "USD"], 1)
    assert "Asia/Shanghai" in terminal.text("merchant", "show", slug)


def test_a_merchant_without_settings_is_listed_beside_the_others_and_named(
    terminal: Terminal, slug: str, tenant: TenantId, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["merchant", "list", "--json"]) == 0
    said = capsys.readouterr()
    rows = {row["tenant_id"]: row for row in json.loads(said.out)}
    lost = rows[str(tenant)]
    assert (lost["name"], lost["currency"]) == (None, None)
    assert f"The settings of merchant {lost['slug']} are missing: restore them from a backup." in said.err.splitlines()
    assert slug in {row["slug"] for row in rows.values()}


def test_a_merchant_is_created_with_a_random_password(terminal: Terminal) -> None:
    made = terminal.json(*creation(f"cli-{uuid4().hex[:12]}"), "--random-password")
    assert len(made["password"]) == 24
    assert "link" not in made


def test_everything_wrong_with_a_merchant_is_named(terminal: Terminal, slug: str) -> None:
    reasons = terminal.refused(*creation("Bad Slug", country="XX", currency="QQQ"))
    assert {"slug", "country", "currency"} <= {reason["field"] for reason in reasons}
    assert terminal.refused(*creation(slug))[0]["code"] == "slug_taken"
    (reason,) = terminal.refused("merchant", "show", "nowhere")
    assert (reason["code"], reason["message"].partition(".")[0]) == ("merchant_unknown", "There is no merchant nowhere")


def test_staff_are_invited_listed_and_let_in_again(terminal: Terminal, slug: str) -> None:
    invited = terminal.json("user", "invite", slug, "li@example.com", "--name", "Li Na", "--role", "sales")
    assert "join?token=" in invited["link"]
    people = {row["email"]: row for row in terminal.json("user", "list", slug)}
    assert (people["li@example.com"]["role"], people["li@example.com"]["has_joined"]) == ("sales", False)
    reset = terminal.json("user", "reset-password", slug, "li@example.com")
    assert reset["purpose"] == "invitation"
    random = terminal.json("user", "reset-password", slug, "LI@example.com", "--random")
    assert len(random["password"]) == 24
    people = {row["email"]: row for row in terminal.json("user", "list", slug)}
    assert people["li@example.com"]["has_joined"] is True
    assert "works once" in terminal.text("user", "reset-password", slug, "li@example.com")
    nobody = terminal.refused("user", "reset-password", slug, "nobody@example.com")
    assert nobody[0]["code"] == "staff_not_found"
    assert terminal.refused("user", "invite", slug, "x@y.cn", "--name", "X", "--role", "king")[0]["field"] == "role"


def test_an_api_key_is_created_listed_and_revoked(
    terminal: Terminal, slug: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    made = terminal.json(
        "apikey", "create", slug, "Shop", "--permission", "orders:write", "--permission", "orders:read"
    )
    assert made["credential"].startswith("jd_")
    (listed,) = terminal.json("apikey", "list", slug)
    assert (listed["name"], listed["revoked_at"]) == ("Shop", None)
    assert listed["permissions"] == ["orders:read", "orders:write"]
    assert made["credential"].endswith(listed["hint"])
    revoked = terminal.json("apikey", "revoke", slug, made["api_key_id"])
    assert revoked["revoked_at"]
    terminal.json("apikey", "create", slug, "Everything", "--all", "--days", "30")
    assert "everything" in terminal.text("apikey", "list", slug)
    assert terminal.refused("apikey", "create", slug, "Nothing")[0]["code"] == "scope_empty"
    assert terminal.refused("apikey", "revoke", slug, str(uuid4()))[0]["code"] == "api_key_not_found"
    (usage,) = terminal.refused("apikey", "create", slug, "Old", "--all", "--days", "-1", code=2)
    assert "--days" in usage["message"]


def test_what_handlers_gave_up_on_is_listed_and_named(terminal: Terminal, slug: str) -> None:
    assert terminal.json("dead-letters", "list", slug) == []
    assert terminal.json("dead-letters", "requeue", slug) == {"count": 0}
    unknown = ["orders.write_terms", "0193a000-0000-7000-8000-000000000001"]
    (refused,) = terminal.refused("dead-letters", "requeue", slug, *unknown)
    assert refused["code"] == "dead_letter_not_found"
    (refused,) = terminal.refused("dead-letters", "discard", slug, *unknown, "--reason", "A test.")
    assert refused["code"] == "dead_letter_not_found"
