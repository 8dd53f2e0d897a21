"""Values of shipping fees: methods with their zones and tariffs, what is to be shipped, and what each method asks.

Amounts are minor units, weights grams, lengths millimeters, volumes cubic millimeters.
"""

from collections.abc import Callable
from typing import Literal, NamedTuple

import msgspec

from jiedan.pricing.values.carts import ANY_COUNTRY

SHIPPING_METHODS_MAX = 100
SHIPPING_ZONES_MAX = 200
"""Of one method."""

SHIPPING_AREAS_MAX = 10_000
"""Places of one zone, exclusions with them, or of one surcharge."""

SHIPPING_BANDS_MAX = 200
SHIPPING_SURCHARGES_MAX = 50
SHIPPING_TEXT_CHARACTERS_MAX = 60
MEASURE_MAX = 10**12
"""Grams, millimeters, pieces and divisors beyond this are mistakes."""

SIDE_MM_MAX = 10**6
VOLUME_MM3_MAX = 10**18

ShippingMeasure = Literal["weight", "volume", "price", "pieces"]
SurchargePer = Literal["order", "piece"]
ShippingReasonCode = Literal[
    "beyond_table",
    "excluded",
    "fee_out_of_range",
    "formula_unanswered",
    "not_in_currency",
    "not_served",
    "piece_too_heavy",
    "size_unknown",
    "surcharge_not_in_currency",
    "too_bulky",
    "too_heavy",
    "too_long",
    "too_valuable",
    "weight_unknown",
]
ShippingStepCode = Literal[
    "assumed_size",
    "assumed_weight",
    "band",
    "first",
    "flat",
    "formula",
    "free_from",
    "further",
    "maximum",
    "minimum",
    "surcharge",
    "volumetric",
]


class ShippingArea(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A place of a zone: a country (or `*`), a region of it, or a postal area of it: `94`, `94105..94110`."""

    country: str = ANY_COUNTRY
    region: str = ""
    postal: str = ""


class FlatTariff(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="flat"):
    """The same fee, whatever is shipped."""

    fee_minor: int


class ShippingBand(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Up to and with `up_to` grams, cubic millimeters, minor units or pieces; None: however much."""

    fee_minor: int
    up_to: int | None = None


class TableTariff(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="table"):
    """A fee by bands of what is shipped; beyond the last band the method does not serve."""

    by: ShippingMeasure
    bands: tuple[ShippingBand, ...]


class StepTariff(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="steps"):
    """A fee for the first so much, and one for each further step begun: 首重续重."""

    by: ShippingMeasure
    first: int
    first_minor: int
    step: int
    step_minor: int


class FormulaTariff(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="formula"):
    """A fee by a formula of the merchant's, named by its code."""

    formula: str


Tariff = FlatTariff | TableTariff | StepTariff | FormulaTariff


class ShippingRate(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a zone costs in one currency.

    From `free_from_minor` of goods on, after discounts, the fee is waived. The least and the most that is asked hold
    with surcharges.
    """

    currency: str
    tariff: Tariff
    free_from_minor: int | None = None
    minimum_minor: int = 0
    maximum_minor: int | None = None


class ShippingZone(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Places with the same rates, less those excluded."""

    code: str
    areas: tuple[ShippingArea, ...]
    rates: tuple[ShippingRate, ...]
    excluded: tuple[ShippingArea, ...] = ()


class ShippingLimits(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The most that a method carries; None: any. Where `value` is given, other currencies than its are not served."""

    weight_g: int | None = None
    piece_weight_g: int | None = None
    volume_mm3: int | None = None
    side_mm: int | None = None
    value: dict[str, int] = {}


class ShippingSurcharge(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What comes on top where all of its conditions hold: places, a side longer, a piece heavier than.

    Per piece it is asked for each piece that meets them; per order once, if any does. One that is asked `when_free`
    too is not waived with the fee.
    """

    code: str
    amounts: dict[str, int]
    per: SurchargePer = "order"
    areas: tuple[ShippingArea, ...] = ()
    side_over_mm: int | None = None
    weight_over_g: int | None = None
    when_free: bool = False


class ShippingMethod(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A way to ship. The most particular of its zones that holds a place counts.

    With a `divisor` (cubic centimeters per kilogram, like 5000) the greater of weight and volume / divisor is what
    the tariff asks for.
    """

    code: str
    name: str
    zones: tuple[ShippingZone, ...]
    tax_class: str = "standard"
    limits: ShippingLimits = ShippingLimits()
    surcharges: tuple[ShippingSurcharge, ...] = ()
    divisor: int | None = None


class ShippingSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What one unit is taken for whose weight or size is unknown; None: methods that need it do not serve."""

    weight_g: int | None = None
    length_mm: int | None = None
    width_mm: int | None = None
    height_mm: int | None = None


class Piece(NamedTuple):
    """Units of one SKU to be shipped; weight in grams and size in millimeters of one, None where unknown."""

    code: str
    quantity: int
    weight_g: int | None = None
    length_mm: int | None = None
    width_mm: int | None = None
    height_mm: int | None = None


class Contents(NamedTuple):
    """All that is to be shipped; `goods_minor` is what the goods cost after discounts."""

    currency: str
    goods_minor: int
    pieces: tuple[Piece, ...]


class ShippingMeasures(NamedTuple):
    """What a formula may ask; None where it is unknown and the merchant assumes nothing.

    `weight_g` is what the tariff counts: the greater of weight and volumetric weight.
    """

    currency: str
    goods_minor: int
    pieces: int
    weight_g: int | None
    volume_mm3: int | None
    longest_mm: int | None


ShippingFormula = Callable[[str, ShippingMeasures], int | None]
"""Gives the fee of a formula by its code, in minor units; None where it cannot be told."""


class ShippingStep(msgspec.Struct, frozen=True, omit_defaults=True):
    """One step to a fee; the `minor` of all steps together are the fee.

    `reference` is the surcharge, formula or measure, `count` how many steps, pieces or units it is about, `measure`
    what was measured or taken for granted, `limit` what it was compared with.
    """

    code: ShippingStepCode
    minor: int = 0
    reference: str = ""
    count: int = 0
    measure: int = 0
    limit: int | None = None


class ShippingReason(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why a method does not serve: what was measured, what the limit is, which SKUs lack a measure."""

    code: ShippingReasonCode
    measure: int = 0
    limit: int = 0
    currency: str = ""
    reference: str = ""
    skus: tuple[str, ...] = ()


class ShippingOffer(NamedTuple):
    """What a method asks, step by step; or, with reasons, why it does not serve.

    `left_minor` is what promotions leave of the fee where they take something off, `free_from_minor` from how much of
    goods on the fee would be waived.
    """

    method: str
    name: str
    tax_class: str
    fee_minor: int = 0
    zone: str = ""
    steps: tuple[ShippingStep, ...] = ()
    reasons: tuple[ShippingReason, ...] = ()
    left_minor: int | None = None
    free_from_minor: int | None = None

    @property
    def asked_minor(self) -> int:
        """What it costs whoever chooses it, before tax."""
        return self.fee_minor if self.left_minor is None else self.left_minor

    @property
    def serves(self) -> bool:
        """Tell whether the method can be chosen."""
        return not self.reasons
