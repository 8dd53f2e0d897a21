"""Carriers to try things with."""

from typing import Any

from jiedan.carriers.values import Account, Consignment, NewAccount, Place

SHEET: dict[str, Any] = {
    "currency": "CNY",
    "prefix": "JD",
    "tracking_url": "https://track.example/{number}",
    "zones": [
        {
            "code": "CITY",
            "country": "CN",
            "prefixes": ["10", "1000"],
            "p50_days": 1,
            "p90_days": 2,
            "steps": [{"up_to_g": 1_000, "price_minor": 800}, {"up_to_g": 20_000, "price_minor": 1_800}],
        },
        {
            "code": "CN",
            "country": "CN",
            "p50_days": 3,
            "p90_days": 5,
            "steps": [{"up_to_g": 20_000, "price_minor": 2_500}],
        },
    ],
}
RATES = NewAccount("OWN", "rates", "自家快递", SHEET)
HAND = NewAccount("SF", "hand", "SF Express", {"tracking_url": "https://sf.example/?n={number}"})
BEIJING = Place("CN", "100006", "李雷", "+8613912345678", ("长安街1号", "东城区 北京市"))
SHANGHAI = Place("CN", "200001")
PARCEL = Consignment("SO-1-F1-P1", Place("CN", "", "Tea House"), BEIJING, 650)


def account(wanted: NewAccount) -> Account:
    """Return an account as it would be stored."""
    return Account(wanted.code, wanted.adapter, wanted.name, is_active=True, settings=wanted.settings, version=1)
