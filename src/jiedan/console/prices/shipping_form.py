"""The form of a shipping method: its zones with their places and rates, its limits and surcharges. Pure.

Rows are told where they belong by an input beside them: `place_of` is `zone-0` or `surcharge-1`, `rate_of` the place
of a zone, `band_of` that of a rate.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NamedTuple, get_args

from jiedan.base.web.forms import FieldRequired
from jiedan.console.prices import typed
from jiedan.console.prices.examples import RuleForm, rule_form
from jiedan.console.prices.kinds import RuleType
from jiedan.console.prices.reading import Reading
from jiedan.pricing.rules.shipping import problems_of_shipping_method
from jiedan.pricing.values import ANY_COUNTRY, drafts, shipping

ROWS_MAX = 2_000
"""Rows of one table in the form."""

TariffKind = Literal["flat", "table", "steps", "formula"]

PLACE_COLUMNS = ("place_of", "place_is", "place_country", "place_region", "place_postal")
RATE_COLUMNS = (
    "rate_of", "rate_currency", "rate_kind", "rate_by", "rate_fee", "rate_first", "rate_step", "rate_step_fee",
    "rate_formula", "rate_free", "rate_min", "rate_max",
)  # fmt: skip
BAND_COLUMNS = ("band_of", "band_up_to", "band_fee")
SURCHARGE_COLUMNS = (
    "surcharge_code", "surcharge_amounts", "surcharge_per", "surcharge_side", "surcharge_weight", "surcharge_free",
)  # fmt: skip


class Place(NamedTuple):
    """A row of places: a country, a region of it, and any number of postal areas of them."""

    of: str
    held: str
    country: str
    region: str
    postal: str

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing was typed."""
        return not (self.country or self.region or self.postal)


class Rate(NamedTuple):
    """What a zone costs in one currency, as it was typed."""

    of: str
    currency: str
    kind: str
    by: str
    fee: str
    first: str
    step: str
    step_fee: str
    formula: str
    free: str
    least: str
    most: str

    @property
    def is_empty(self) -> bool:
        """Tell whether no amount was typed: the choices before them are always made."""
        return not any(self[self._fields.index("fee") :])


class Surcharge(NamedTuple):
    """What comes on top, as it was typed."""

    code: str
    amounts: str
    per: str
    side: str
    weight: str
    when_free: str


LIMITS: Mapping[str, str] = {
    "limits.weight_g": "limit_weight",
    "limits.piece_weight_g": "limit_piece",
    "limits.volume_mm3": "limit_volume",
    "limits.side_mm": "limit_side",
    "limits.value": "limit_value",
}

ShippingForm = rule_form(
    "ShippingForm",
    texts=("code", "name", "tax_class", "divisor", *LIMITS.values()),
    columns=("zone_code", *PLACE_COLUMNS, *RATE_COLUMNS, *BAND_COLUMNS, *SURCHARGE_COLUMNS),
    rows_max=ROWS_MAX,
    base=RuleForm,
)
"""A shipping method to be kept; its rows are read by their columns."""


def rows(raw: Mapping[str, Sequence[str]], columns: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the rows of some columns, each at its place."""
    return typed.columns(*[raw.get(name, ()) for name in columns])


def method_of(_: RuleType, __: RuleForm, reading: Reading, ___: drafts.Rule | None) -> drafts.Rule:
    """Return the method that the form means. Raises Rejections naming every part that is wrong."""
    zones, surcharges = _zones(reading), _surcharges(reading)
    method = shipping.ShippingMethod(
        code=reading.text("code"),
        name=reading.text("name"),
        zones=tuple(zones.values()),
        tax_class=reading.text("tax_class") or "standard",
        limits=_limits(reading),
        surcharges=tuple(surcharges.values()),
        divisor=reading.count(reading.text("divisor"), "divisor"),
    )
    places = {"zones": list(zones), "surcharges": list(surcharges)}
    reading.note(problems_of_shipping_method(method), lambda field: place_of(field, places))
    reading.finish()
    return method


def place_of(field: str, places: Mapping[str, Sequence[str]]) -> str:
    """Return where a problem of a method is shown; `places` are the cards of its zones and surcharges in the form."""
    part, _, rest = field.partition("[")
    number, _, inside = rest.partition("].")
    if part not in places or not number.isdigit():
        return next((name for start, name in LIMITS.items() if field.startswith(start)), part)
    card = places[part][int(number)]
    return f"{card}-rates" if inside.startswith("rates") else card


def _limits(reading: Reading) -> shipping.ShippingLimits:
    return shipping.ShippingLimits(
        weight_g=reading.measure(reading.text("limit_weight"), "weight", "limit_weight"),
        piece_weight_g=reading.measure(reading.text("limit_piece"), "weight", "limit_piece"),
        volume_mm3=reading.measure(reading.text("limit_volume"), "volume", "limit_volume"),
        side_mm=reading.measure(reading.text("limit_side"), "length", "limit_side"),
        value=reading.amounts(reading.text("limit_value"), "limit_value"),
    )


def _zones(reading: Reading) -> dict[str, shipping.ShippingZone]:
    """Return the zones by their cards; those in which nothing was typed are left out."""
    rates = _rates(reading)
    held = _places(reading)
    found = {}
    for i, code in enumerate(reading.column("zone_code")):
        card = f"zone-{i}"
        mine = tuple(rates.get(str(i), ()))
        areas, out = held.get((card, "in"), ()), held.get((card, "out"), ())
        if code or areas or out or mine:
            found[card] = shipping.ShippingZone(code, tuple(areas), mine, tuple(out))
    return found


def _places(reading: Reading) -> dict[tuple[str, str], list[shipping.ShippingArea]]:
    found: dict[tuple[str, str], list[shipping.ShippingArea]] = {}
    for place in [Place(*row) for row in rows(reading.raw, PLACE_COLUMNS)]:
        if not place.is_empty:
            side = found.setdefault((place.of, "out" if place.held == "out" else "in"), [])
            country = place.country.upper() or ANY_COUNTRY
            side += [shipping.ShippingArea(country, place.region, p) for p in typed.texts(place.postal) or ("",)]
    return found


def _rates(reading: Reading) -> dict[str, list[shipping.ShippingRate]]:
    """Return the rates of each zone; bands say which rate they belong to by its place among all."""
    bands: dict[str, list[tuple[str, str]]] = {}
    for of, up_to, fee in rows(reading.raw, BAND_COLUMNS):
        if up_to or fee:
            bands.setdefault(of, []).append((up_to, fee))
    found: dict[str, list[shipping.ShippingRate]] = {}
    for i, rate in enumerate(Rate(*row) for row in rows(reading.raw, RATE_COLUMNS)):
        mine = bands.get(str(i), [])
        if not rate.is_empty or mine:
            found.setdefault(rate.of, []).append(_rate(reading, rate, mine))
    return found


def _rate(reading: Reading, rate: Rate, bands: Sequence[tuple[str, str]]) -> shipping.ShippingRate:
    field = f"zone-{rate.of}-rates"
    currency = rate.currency.upper() or reading.how.currency
    return shipping.ShippingRate(
        currency=currency,
        tariff=_TARIFFS[_kind(rate.kind)](reading, rate, bands, currency, field),
        free_from_minor=reading.amount(rate.free, currency, field),
        minimum_minor=reading.amount(rate.least, currency, field) or 0,
        maximum_minor=reading.amount(rate.most, currency, field),
    )


def _kind(text: str) -> TariffKind:
    return next((kind for kind in get_args(TariffKind) if kind == text), "flat")


def _by(text: str) -> shipping.ShippingMeasure:
    return next((by for by in get_args(shipping.ShippingMeasure) if by == text), "weight")


def _needed(reading: Reading, text: str, currency: str, field: str) -> int:
    """Return an amount that must be there."""
    found = reading.amount(text, currency, field)
    if not text:
        reading.reasons.append(FieldRequired(field=field))
    return found or 0


def _measured(reading: Reading, text: str, by: shipping.ShippingMeasure, currency: str, field: str) -> int | None:
    """Return so much weight, volume, money or pieces; None for nothing."""
    if by == "price":
        return reading.amount(text, currency, field)
    return reading.count(text, field) if by == "pieces" else reading.measure(text, by, field)


Bands = Sequence[tuple[str, str]]


def _flat(reading: Reading, rate: Rate, _: Bands, currency: str, field: str) -> shipping.Tariff:
    return shipping.FlatTariff(_needed(reading, rate.fee, currency, field))


def _table(reading: Reading, rate: Rate, bands: Bands, currency: str, field: str) -> shipping.Tariff:
    by = _by(rate.by)
    return shipping.TableTariff(
        by,
        tuple(
            shipping.ShippingBand(
                _needed(reading, fee, currency, field), _measured(reading, up_to, by, currency, field)
            )
            for up_to, fee in bands
        ),
    )


def _steps(reading: Reading, rate: Rate, _: Bands, currency: str, field: str) -> shipping.Tariff:
    by = _by(rate.by)
    return shipping.StepTariff(
        by=by,
        first=_measured(reading, rate.first, by, currency, field) or 0,
        first_minor=_needed(reading, rate.fee, currency, field),
        step=_measured(reading, rate.step, by, currency, field) or 0,
        step_minor=_needed(reading, rate.step_fee, currency, field),
    )


def _formula(_: Reading, rate: Rate, __: Bands, ___: str, ____: str) -> shipping.Tariff:
    return shipping.FormulaTariff(rate.formula)


_TARIFFS: Mapping[TariffKind, Callable[[Reading, Rate, Bands, str, str], shipping.Tariff]] = {
    "flat": _flat,
    "table": _table,
    "steps": _steps,
    "formula": _formula,
}


def _surcharges(reading: Reading) -> dict[str, shipping.ShippingSurcharge]:
    """Return the surcharges by their cards; those in which nothing was typed are left out."""
    held = _places(reading)
    found = {}
    for i, one in enumerate(Surcharge(*row) for row in rows(reading.raw, SURCHARGE_COLUMNS)):
        card = f"surcharge-{i}"
        areas = held.get((card, "in"), ())
        if one.code or one.amounts or one.side or one.weight or areas:
            found[card] = shipping.ShippingSurcharge(
                code=one.code,
                amounts=reading.amounts(one.amounts, card),
                per="piece" if one.per == "piece" else "order",
                areas=tuple(areas),
                side_over_mm=reading.measure(one.side, "length", card),
                weight_over_g=reading.measure(one.weight, "weight", card),
                when_free=one.when_free == "free",
            )
    return found
