"""Settings: what they accept, what they refuse and how they are shown."""

import concurrent.futures
import stat
from pathlib import Path

import pydantic
import pytest

from jiedan.base import failures, i18n, settings


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in settings.Settings.model_fields:
        monkeypatch.delenv(settings.PREFIX + name.upper(), raising=False)
    monkeypatch.setenv("JIEDAN_HOME", str(tmp_path / "home"))


def test_everything_has_a_default() -> None:
    chosen = settings.load()
    assert chosen.port == 8000
    assert chosen.processes >= 1
    assert chosen.database_url is None
    assert chosen.base_url() == "http://localhost:8000"


def test_the_default_home_of_a_checkout_is_inside_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JIEDAN_HOME")
    assert settings.load().home == Path(__file__).parents[2] / ".jiedan"


def test_the_environment_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIEDAN_PORT", "9100")
    monkeypatch.setenv("JIEDAN_PUBLIC_URL", "https://shop.example/")
    monkeypatch.setenv("JIEDAN_TRUSTED_PROXIES", '["10.0.0.1"]')
    chosen = settings.load()
    assert (chosen.port, chosen.base_url(), chosen.trusted_proxies) == (9100, "https://shop.example", ("10.0.0.1",))


def test_a_mail_server_needs_an_address_that_mails_come_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIEDAN_SMTP_HOST", "smtp.example")
    with pytest.raises(settings.BadSetting, match="JIEDAN_MAIL_FROM is not valid: JIEDAN_SMTP_HOST is set"):
        settings.load()
    monkeypatch.setenv("JIEDAN_MAIL_FROM", "shop@example")
    assert settings.load().smtp_port_or_usual() == 587
    monkeypatch.setenv("JIEDAN_SMTP_SECURITY", "tls")
    assert settings.load().smtp_port_or_usual() == 465
    monkeypatch.setenv("JIEDAN_SMTP_PORT", "2525")
    assert settings.load().smtp_port_or_usual() == 2525


def test_settings_are_frozen() -> None:
    chosen = settings.load()
    with pytest.raises(pydantic.ValidationError):
        chosen.port = 1


def test_an_unknown_setting_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIEDAN_COLOUR_OF_MOON", "blue")
    with pytest.raises(settings.UnknownSetting, match="JIEDAN_COLOUR_OF_MOON is not a setting"):
        settings.load()


def test_variables_of_the_test_suite_are_no_unknown_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIEDAN_DATA", "/data")
    settings.load()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("JIEDAN_HOME", "~nobody-of-this-name/x", "JIEDAN_HOME is not valid: there is no user of that name"),
        (
            "JIEDAN_TRUSTED_PROXIES",
            '["10.0.0.0/8", "the proxy"]',
            "JIEDAN_TRUSTED_PROXIES is not valid: the proxy is no network",
        ),
    ],
)
def test_what_only_looks_right_is_refused_at_the_start(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(settings.BadSetting) as caught:
        settings.load()
    assert str(caught.value).startswith(said)


def test_a_misspelled_setting_names_the_right_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIEDAN_DATABSE_URL", "postgresql://x")
    with pytest.raises(settings.MisspelledSetting, match="did you mean JIEDAN_DATABASE_URL"):
        settings.load()


@pytest.mark.parametrize(
    ("name", "value"),
    [("PORT", "eighty"), ("PORT", "0"), ("PROCESSES", "-1"), ("SECRET", "short")],
)
def test_a_bad_value_names_the_variable_and_never_repeats_it(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(settings.PREFIX + name, value)
    with pytest.raises(settings.BadSetting) as caught:
        settings.load()
    assert settings.PREFIX + name in str(caught.value)
    assert caught.value.exit_code == failures.EXIT_USAGE
    if name == "SECRET":
        assert value not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("PORT", "eighty", "it is not a whole number"),
        ("PORT", "0", "it must be at least 1"),
        ("PORT", "65536", "it must be at most 65535"),
        ("TRACING_SAMPLE_RATIO", "half", "it is not a number"),
        ("TESTING", "maybe", "it is neither true nor false"),
        ("SECRET", "short", "it must have at least 32 characters"),
        ("LOG_LEVEL", "loud", "it must be one of debug, info, warning, error"),
        ("TRACING_ENDPOINT", "collector", "it does not match ^https?://"),
    ],
)
def test_why_a_value_is_bad_is_said_in_words_of_ours(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, reason: str
) -> None:
    monkeypatch.setenv(settings.PREFIX + name, value)
    with pytest.raises(settings.BadSetting) as caught:
        settings.load()
    assert isinstance(caught.value.reason, i18n.Phrase), "so that it is translated"
    assert i18n.say("en", caught.value) == f"{settings.PREFIX}{name} is not valid: {reason}."


def test_a_list_that_is_no_json_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIEDAN_TRUSTED_PROXIES", "10.0.0.1")
    with pytest.raises(settings.BadSetting, match=r"JIEDAN_TRUSTED_PROXIES is not valid: .* JSON"):
        settings.load()


def test_secrets_are_masked_wherever_settings_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    secret = "a-signing-secret-of-enough-length-000"
    monkeypatch.setenv("JIEDAN_SECRET", secret)
    monkeypatch.setenv("JIEDAN_DATABASE_URL", "postgresql://app:hunter2@db/jiedan")
    chosen = settings.load()
    shown = {each.name: each for each in settings.described(chosen)}
    assert shown["JIEDAN_SECRET"].value == settings.MASK
    assert shown["JIEDAN_SECRET"].source == "environment"
    assert shown["JIEDAN_PORT"].source == "default"
    assert all(each.meaning for each in shown.values())
    assert secret not in repr(chosen) + repr(shown)
    assert "hunter2" not in repr(chosen) + repr(shown)
    assert chosen.signing_secret() == secret


def test_the_secret_is_made_once_whoever_asks_first() -> None:
    chosen = settings.load()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: chosen.signing_secret(), range(16)))
    assert len(found) == 1
    file = chosen.home / "secret"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(found.pop()) >= settings.SECRET_LENGTH_MIN
    assert [path.name for path in chosen.home.iterdir()] == ["secret"]
