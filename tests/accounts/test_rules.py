"""What a setting, a password, a role and a scope may be."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiedan.accounts import errors, rules, values
from tests.accounts import factories

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_the_standard_settings_are_right() -> None:
    assert rules.check_settings(factories.settings()) == []


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"slug": "Acme Tea"}, "slug_invalid", "slug"),
        ({"slug": "a"}, "slug_invalid", "slug"),
        ({"slug": "-acme"}, "slug_invalid", "slug"),
        ({"slug": "a--b"}, "slug_invalid", "slug"),
        ({"slug": "x" * 41}, "slug_invalid", "slug"),
        ({"name": "  "}, "name_invalid", "name"),
        ({"name": "n" * 201}, "name_invalid", "name"),
        ({"country": "XX"}, "country_unknown", "country"),
        ({"country": "cn"}, "country_unknown", "country"),
        ({"country": "EU"}, "country_unknown", "country"),
        ({"time_zone": "Beijing"}, "time_zone_unknown", "time_zone"),
        ({"time_zone": "../etc/passwd"}, "time_zone_unknown", "time_zone"),
        ({"currencies": ("CNY", "QQQ")}, "currency_unknown", "currencies[1]"),
        ({"currencies": ("CNY", "USD", "CNY")}, "value_repeated", "currencies[2]"),
        ({"currency": "EUR"}, "default_not_among", "currency"),
        ({"currency": "eur"}, "currency_unknown", "currency"),
        ({"locales": ("en", "fr"), "locale": "en"}, "choice_unknown", "locales[1]"),
        ({"locales": ("en",)}, "default_not_among", "locale"),
        ({"payment_terms": "later"}, "choice_unknown", "payment_terms"),
        ({"split": "always"}, "choice_unknown", "split"),
        ({"expiry_minutes": 0}, "expiry_out_of_range", "expiry_minutes"),
        ({"expiry_minutes": 10**9}, "expiry_out_of_range", "expiry_minutes"),
        ({"accent_hue": 360}, "hue_out_of_range", "accent_hue"),
    ],
)
def test_a_wrong_setting_is_named(changes: dict[str, Any], code: str, field: str) -> None:
    (refusal,) = rules.check_settings(factories.settings(**changes))
    assert (refusal.code, refusal.field) == (code, field)


def test_every_wrong_setting_is_named_at_once() -> None:
    wrong = factories.settings(slug="!", country="??", time_zone="x", currencies=("ZZZ",), expiry_minutes=-1)
    fields = {refusal.field for refusal in rules.check_settings(wrong)}
    assert fields == {"slug", "country", "time_zone", "currencies[0]", "currency", "expiry_minutes"}


def test_a_diff_names_what_changed_and_not_the_version() -> None:
    before = factories.settings()
    after = factories.settings(name="Acme", version=2)
    assert rules.changed(before, after) == {"name": ("Acme Tea", "Acme")}


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "password_too_short"),
        ("x" * 129, "password_too_long"),
        ("password123", "password_too_common"),
        ("Password123", "password_too_common"),
        ("abababababab", "password_too_common"),
        ("wangmin-acme-tea", "password_too_personal"),
        ("Wang.Min2026", "password_too_personal"),
    ],
)
def test_a_weak_password_is_refused(password: str, code: str) -> None:
    personal = ("wangmin@acme.example", "Wang Min", "acme-tea")
    (refusal,) = rules.check_password(password, personal=personal)
    assert (refusal.code, refusal.field) == (code, "password")


@pytest.mark.parametrize(
    "password", ["seven quiet lanterns", "七盏安静的灯笼照着河岸", "x7$kQ-02_mm", "wang has eleven kettles"]
)
def test_a_long_password_is_enough(password: str) -> None:
    assert rules.check_password(password, personal=("wang@acme.example", "Wang Min")) == []


def test_a_password_is_the_same_however_the_keyboard_composes_it() -> None:
    assert rules.normalized_password("cafe\u0301 crème") == rules.normalized_password("caf\u00e9 crème")


@pytest.mark.parametrize("email", ["a@b.cn", "li.na+shop@example.com", "李娜@例子.中国"])
def test_an_email_address_is_accepted(email: str) -> None:
    assert rules.check_email(email) == []


@pytest.mark.parametrize(
    "email", ["", "li", "li@", "@x.cn", "li@localhost", "a b@x.cn", "a@x..cn", "a@" + "x" * 260 + ".cn"]
)
def test_what_is_no_email_address_is_refused(email: str) -> None:
    assert [r.code for r in rules.check_email(email)] == ["email_invalid"]


def test_email_addresses_are_compared_folded() -> None:
    assert rules.email_key(" Li.Na@Example.COM ") == "li.na@example.com"


def test_the_roles_hold_known_permissions_only() -> None:
    for template in values.ROLES.values():
        assert template.permissions <= values.ALL_PERMISSIONS
    assert list(values.ROLES) == ["owner", "manager", "sales", "warehouse", "finance", "support", "read_only"]
    assert all(permission.count(":") == 1 for permission in values.PERMISSIONS)


def test_an_owner_may_also_what_came_later() -> None:
    assert rules.effective_permissions("owner", ["orders:read"]) == values.ALL_PERMISSIONS
    assert rules.effective_permissions("sales", ["orders:read", "gone:away"]) == {"orders:read"}


@given(
    held=st.frozensets(st.sampled_from(sorted(values.PERMISSIONS))),
    wanted=st.frozensets(st.sampled_from(sorted(values.PERMISSIONS)), min_size=1),
)
def test_nobody_gives_what_they_do_not_hold(held: frozenset[str], wanted: frozenset[str]) -> None:
    refusals = rules.check_permissions(sorted(wanted), held=held)
    assert bool(refusals) is not (wanted <= held)
    assert rules.key_permissions(wanted, maker=held) == wanted & held


def test_an_unknown_permission_is_named_by_its_place() -> None:
    (refusal,) = rules.check_permissions(["orders:read", "orders:burn"], held=values.ALL_PERMISSIONS)
    assert isinstance(refusal, errors.PermissionUnknown)
    assert refusal.field == "permissions[1]"


def test_a_session_ends_by_idleness_or_by_age() -> None:
    late = NOW + rules.SESSION_ABSOLUTE
    assert rules.session_ends(last_seen_at=NOW, expires_at=late) == NOW + rules.SESSION_IDLE
    assert rules.session_ends(last_seen_at=late - timedelta(hours=1), expires_at=late) == late


def test_the_throttle_says_how_long_to_wait() -> None:
    started = NOW - timedelta(minutes=5)
    assert rules.retry_after_s(10, limit=10, window_started_at=started, now=NOW) == 0
    assert rules.retry_after_s(11, limit=10, window_started_at=started, now=NOW) == 600
    assert rules.retry_after_s(11, limit=10, window_started_at=NOW - timedelta(hours=1), now=NOW) == 1
