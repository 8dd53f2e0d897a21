"""REST of carriers: set up, quotes."""

from typing import Annotated, Any, ClassVar

import msgspec
from litestar import get, post, put

from jiedan.base.errors import Refusal
from jiedan.base.web import bodies, problems, routing
from jiedan.base.web.unit import Unit
from jiedan.carriers import queries, service
from jiedan.carriers.adapters import known
from jiedan.carriers.values import CODE_CHARS_MAX, NAME_CHARS_MAX, Account, Consignment, NewAccount, Place

WEIGHT_G_MAX = 10_000_000
CarrierCode = Annotated[str, msgspec.Meta(pattern=rf"^[A-Za-z0-9][A-Za-z0-9_.-]{{0,{CODE_CHARS_MAX - 1}}}$")]


class CarrierBody(bodies.Body):
    """A carrier; what `settings` hold depends on the adapter."""

    __example__: ClassVar[dict[str, Any]] = {
        "code": "OWN",
        "adapter": "rates",
        "name": "Own couriers",
        "settings": {
            "currency": "CNY",
            "prefix": "JD",
            "zones": [
                {
                    "code": "CITY",
                    "country": "CN",
                    "prefixes": ["10"],
                    "p50_days": 1,
                    "p90_days": 2,
                    "steps": [{"up_to_g": 1000, "price_minor": 800}, {"up_to_g": 20000, "price_minor": 1800}],
                }
            ],
        },
    }

    code: CarrierCode
    adapter: bodies.Code
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=NAME_CHARS_MAX, pattern=r"\S")]
    settings: dict[str, Any] = msgspec.field(default_factory=dict)
    is_active: bool = True


class QuoteBody(bodies.Body):
    """A parcel and where it goes."""

    __example__: ClassVar[dict[str, Any]] = {"country": "CN", "postal_code": "100006", "weight_g": 800}

    country: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{2}$")]
    weight_g: Annotated[int, msgspec.Meta(ge=1, le=WEIGHT_G_MAX)]
    postal_code: Annotated[str, msgspec.Meta(max_length=20)] = ""


class CarrierView(msgspec.Struct, frozen=True):
    """A carrier as it is set up."""

    code: str
    adapter: str
    name: str
    is_active: bool
    settings: dict[str, Any]
    version: int


class QuoteView(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a carrier asks, in minor units, and how many days it takes; or why it does not go."""

    carrier: str
    price_minor: int | None = None
    currency: str | None = None
    p50_days: int | None = None
    p90_days: int | None = None
    zone: str | None = None
    problem: problems.Problem | None = None


@get("/carriers", permission="carriers:read", summary="List carriers")
async def list_carriers(unit: Unit) -> list[CarrierView]:
    """Return every carrier by its code."""
    async with unit.read() as tx:
        found = await tx.load_one(queries.carriers())
    return [_view(x) for x in found.values()]


@put("/carriers", permission="carriers:write", summary="Set up a carrier")
async def save_carrier(unit: Unit, data: CarrierBody) -> CarrierView:
    """Set a carrier up, or change the one with this code."""
    account = NewAccount(data.code, data.adapter, data.name, data.settings, data.is_active)
    return _view(await unit.write(lambda tx: service.save_carrier(tx, account=account)))


@post("/carriers/quotes", permission="carriers:read", status_code=200, summary="Ask carriers for quotes")
async def quote(unit: Unit, data: QuoteBody) -> list[QuoteView]:
    """Return what each active carrier asks for a parcel and how long it takes, or why it does not go."""
    async with unit.read() as tx:
        found = await tx.load_one(queries.carriers())
    place = Place(data.country, data.postal_code)
    consignment = Consignment("", Place("", ""), place, data.weight_g)
    return [_quoted(unit, x, consignment) for x in found.values() if x.is_active]


def _quoted(unit: Unit, account: Account, consignment: Consignment) -> QuoteView:
    try:
        made = known.find(account.adapter).quote(account, consignment)
    except Refusal as refusal:
        return QuoteView(account.code, problem=problems.problem_of(refusal, locale=unit.locale))
    days = made.transit
    return QuoteView(
        account.code,
        made.price_minor,
        made.currency,
        None if days is None else days.p50_days,
        None if days is None else days.p90_days,
        made.zone,
    )


def _view(account: Account) -> CarrierView:
    return CarrierView(
        account.code, account.adapter, account.name, account.is_active, dict(account.settings), account.version
    )


ROUTER = routing.api("Carriers", [list_carriers, save_carrier, quote])
