"""Who carries the goods of the demo shop: a rate sheet of its own by zones, and how long its locations take."""

from collections.abc import Mapping
from typing import Any

from jiedan.base.db import Tx
from jiedan.carriers import service as carriers
from jiedan.carriers.values import NewAccount, Transit
from jiedan.fulfillment import service as fulfillment

PREFIX = "JDX"
CURRENCY = "CNY"

HANDLING: Mapping[str, Transit] = {
    "SH-1": Transit(1, 2),
    "GZ-1": Transit(1, 2),
    "BJ-1": Transit(0, 1),
    "CD-1": Transit(1, 3),
}
"""Days from the release to the door, by location."""


def _zone(
    code: str, country: str, days: tuple[int, int], prices: tuple[int, int, int], *prefixes: str
) -> dict[str, Any]:
    """Return a zone; `prices` are minor units for up to one, five and twenty kilograms."""
    steps = zip((1_000, 5_000, 20_000), prices, strict=True)
    return {
        "code": code,
        "country": country,
        "prefixes": list(prefixes),
        "p50_days": days[0],
        "p90_days": days[1],
        "steps": [{"up_to_g": up_to_g, "price_minor": price_minor} for up_to_g, price_minor in steps],
    }


ZONES = (
    _zone("CITY", "CN", (1, 2), (800, 1_200, 2_000), "10", "20", "51"),
    _zone("EAST", "CN", (2, 3), (1_000, 1_500, 2_600), "21", "31", "36"),
    _zone("CN", "CN", (3, 5), (1_200, 2_000, 4_500)),
    _zone("HK", "HK", (3, 6), (3_000, 5_000, 9_000)),
    _zone("TW", "TW", (4, 7), (3_500, 6_000, 11_000)),
    *(_zone(country, country, (7, 14), (9_800, 19_800, 52_000)) for country in ("SG", "JP", "GB", "DE", "US")),
)
"""The longest postal prefix wins, then the country as a whole."""

OWN = NewAccount(
    "OWN", "rates", "自有快递 Own couriers", {"currency": CURRENCY, "prefix": PREFIX, "zones": list(ZONES)}
)


async def set_up(tx: Tx) -> None:
    """Set up the carrier, and how long locations take, so that orders are promised and labels can be printed."""
    await carriers.save_carrier(tx, account=OWN)
    await fulfillment.set_handling(tx, days=HANDLING)
