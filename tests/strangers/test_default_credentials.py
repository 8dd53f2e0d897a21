"""Default credentials: nothing starts with a password that everybody knows, and nothing comes with one."""

import re
from pathlib import Path

import pytest

from jiedan.base import guards
from jiedan.base.settings import BadSetting

HOWTO = Path(__file__).parents[2] / "docs" / "howto" / "own-postgresql.md"


@pytest.mark.parametrize("password", ["two", "Password", "jiedan_app", "postgres", "changeme"])
def test_a_password_that_everybody_knows_is_refused(password: str) -> None:
    with pytest.raises(guards.DefaultPassword) as refused:
        guards.refuse_default_password(f"postgresql://jiedan_app:{password}@db.example/jiedan")
    assert f" {password} " not in str(refused.value).replace("role jiedan_app ", "")
    assert "JIEDAN_DATABASE_URL" in str(refused.value)


def test_every_password_of_the_documentation_is_refused() -> None:
    shown = re.findall(r"PASSWORD '([^']+)'", HOWTO.read_text(encoding="utf-8"))
    assert len(shown) == 4
    assert set(shown) <= guards.DEFAULT_PASSWORDS


async def test_it_is_refused_before_the_server_is_asked() -> None:
    with pytest.raises(guards.DefaultPassword):
        await guards.check("postgresql://jiedan_app:two@127.0.0.1:1/jiedan")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://jiedan_app@db.example/jiedan",
        "host=/run/sock user=jiedan_app",
        "postgresql://a:k3-Zq9@h/d",
        "postgresql://:@h/d",
    ],
)
def test_a_socket_or_a_password_of_its_own_is_accepted(url: str) -> None:
    guards.refuse_default_password(url)


def test_what_is_no_url_is_a_bad_setting() -> None:
    with pytest.raises(BadSetting):
        guards.refuse_default_password("postgresql://[", setting="JIEDAN_DATABASE_OWNER_URL")
