"""Every adapter keeps the same promises; each says what it knows."""

from typing import Any

import pytest

from jiedan.base.errors import Refusal
from jiedan.carriers import errors
from jiedan.carriers.adapters import known
from jiedan.carriers.adapters.protocol import Carrier
from jiedan.carriers.adapters.rates import waybill_number
from jiedan.carriers.values import Account, NewAccount
from tests.carriers.factories import BEIJING, HAND, PARCEL, RATES, SHANGHAI, SHEET, account


@pytest.fixture(params=[HAND, RATES], ids=lambda x: x.adapter)
def wanted(request: pytest.FixtureRequest) -> NewAccount:
    made: NewAccount = request.param
    return made


@pytest.fixture
def carrier(wanted: NewAccount) -> tuple[Carrier, Account]:
    return known.find(wanted.adapter), account(wanted)


def test_a_carrier_keeps_its_name_and_its_settings(carrier: tuple[Carrier, Account], wanted: NewAccount) -> None:
    adapter, _ = carrier
    assert adapter.name == wanted.adapter
    kept = adapter.check(wanted.settings)
    assert adapter.check(kept) == kept


def test_a_carrier_names_what_is_wrong_with_its_settings(carrier: tuple[Carrier, Account]) -> None:
    with pytest.raises(errors.CarrierSettingsInvalid) as refused:
        carrier[0].check({"nonsense": 1})
    assert (refused.value.field or "").startswith("settings")


def test_a_carrier_quotes_or_says_why_not(carrier: tuple[Carrier, Account]) -> None:
    adapter, at = carrier
    quote = adapter.quote(at, PARCEL)
    assert quote.carrier == at.code
    assert (quote.price_minor is None) == (quote.currency is None)
    transit = adapter.transit(at, BEIJING)
    assert quote.transit == transit
    assert transit is None or 0 <= transit.p50_days <= transit.p90_days


async def test_a_carrier_makes_the_same_label_again_or_none(carrier: tuple[Carrier, Account]) -> None:
    adapter, at = carrier
    made: list[Any] = []
    for _ in range(2):
        try:
            made.append(await adapter.label(at, PARCEL, serial=7))
        except Refusal as refusal:
            made.append(refusal.code)
    assert made[0] == made[1]
    assert made[0] == "carrier_makes_no_labels" or made[0].document.startswith(b"%PDF-")


def test_a_carrier_puts_the_number_into_the_address_safely(carrier: tuple[Carrier, Account]) -> None:
    adapter, at = carrier
    address = adapter.tracking_url(at, "A/1?&")
    assert address is not None
    assert address.endswith("A%2F1%3F%26")


@pytest.mark.parametrize(
    ("place", "weight_g", "zone", "price_minor"),
    [(BEIJING, 1_000, "CITY", 800), (BEIJING, 1_001, "CITY", 1_800), (SHANGHAI, 1, "CN", 2_500)],
)
def test_a_rate_sheet_is_read_by_the_longest_prefix_and_the_first_step(
    place: Any, weight_g: int, zone: str, price_minor: int
) -> None:
    quote = known.find("rates").quote(account(RATES), PARCEL._replace(destination=place, weight_g=weight_g))
    assert (quote.zone, quote.price_minor, quote.currency) == (zone, price_minor, "CNY")


def test_a_rate_sheet_says_where_it_ends() -> None:
    rates, at = known.find("rates"), account(RATES)
    with pytest.raises(errors.NoSuchZone):
        rates.quote(at, PARCEL._replace(destination=BEIJING._replace(country="FR")))
    with pytest.raises(errors.TooHeavy):
        rates.quote(at, PARCEL._replace(weight_g=20_001))
    assert rates.transit(at, BEIJING._replace(country="FR")) is None


@pytest.mark.parametrize(
    "change",
    [
        {"currency": "XXY"},
        {"zones": []},
        {"tracking_url": "javascript:alert(1)"},
        {"tracking_url": "https://x.example/"},
        {"zones": [SHEET["zones"][1], SHEET["zones"][1]]},
        {"zones": [{**SHEET["zones"][1], "p90_days": 1}]},
        {"zones": [{**SHEET["zones"][0], "steps": list(reversed(SHEET["zones"][0]["steps"]))}]},
    ],
)
def test_a_rate_sheet_that_cannot_be_right_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(errors.CarrierSettingsInvalid):
        known.find("rates").check({**SHEET, **change})


def test_days_of_a_carrier_by_hand_come_together() -> None:
    hand = known.find("hand")
    with pytest.raises(errors.CarrierSettingsInvalid):
        hand.check({"p50_days": 3})
    made = account(HAND._replace(settings=hand.check({"p50_days": 2, "p90_days": 4})))
    assert hand.transit(made, BEIJING) == (2, 4)


def test_an_unknown_adapter_is_refused_with_those_there_are() -> None:
    with pytest.raises(errors.UnknownAdapter) as refused:
        known.find("pigeon")
    assert refused.value.known == "hand, rates"


def test_waybill_numbers_have_a_check_digit() -> None:
    assert waybill_number("JD", 7992739871) == "JD79927398713"
    assert waybill_number("", 1) == "00000000018"
