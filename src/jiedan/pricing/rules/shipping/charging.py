"""What one method asks for what is to be shipped: its tariff, surcharges and bounds, every step with its amount."""

from collections.abc import Sequence

from jiedan.base import money
from jiedan.pricing import values
from jiedan.pricing.rules.shipping import compiling, measuring


class Asking:
    """One method asked: what it has used of the measures, and every reason for which it cannot serve."""

    def __init__(self, measuring_once: measuring.Measuring) -> None:
        self.contents = measuring_once.contents
        self._measuring = measuring_once
        self.reasons: list[values.ShippingReason] = []
        self._uses_weight = False
        self._uses_size = False

    @property
    def measured(self) -> measuring.Measured:
        """Return what is to be shipped, measured."""
        return self._measuring.measured

    def weight_g(self) -> int:
        """Return what everything weighs; where that is unknown, note it as a reason and go on with 0."""
        weight = self.measured.weight_g
        if weight is None and not self._uses_weight:
            self.reasons.append(values.ShippingReason("weight_unknown", skus=self.measured.unweighed))
        self._uses_weight = True
        return weight or 0

    def volume_mm3(self) -> int:
        """Return what everything takes up; where that is unknown, note it as a reason and go on with 0."""
        volume = self.measured.volume_mm3
        if volume is None and not self._uses_size:
            self.reasons.append(values.ShippingReason("size_unknown", skus=self.measured.unsized))
        self._uses_size = True
        return volume or 0

    def assumed(self) -> list[values.ShippingStep]:
        """Return what was taken for granted of what was used."""
        if not (self._uses_weight or self._uses_size):
            return []
        of_weight = self.measured.assumed_weight if self._uses_weight else None
        of_size = self.measured.assumed_size if self._uses_size else None
        return [step for step in (of_weight, of_size) if step is not None]


def check_limits(asking: Asking, limits: values.ShippingLimits) -> None:
    """Note each limit that what is to be shipped goes beyond."""
    pairs: list[tuple[values.ShippingReasonCode, int, int]] = []
    if limits.weight_g is not None:
        pairs.append(("too_heavy", asking.weight_g(), limits.weight_g))
    if limits.piece_weight_g is not None:
        asking.weight_g()
        pairs.append(("piece_too_heavy", asking.measured.heaviest_g, limits.piece_weight_g))
    if limits.volume_mm3 is not None:
        pairs.append(("too_bulky", asking.volume_mm3(), limits.volume_mm3))
    if limits.side_mm is not None:
        asking.volume_mm3()
        pairs.append(("too_long", asking.measured.longest_mm, limits.side_mm))
    currency = asking.contents.currency
    if limits.value and currency not in limits.value:
        asking.reasons.append(values.ShippingReason("not_in_currency", currency=currency))
    elif limits.value:
        pairs.append(("too_valuable", asking.contents.goods_minor, limits.value[currency]))
    for code, measure, limit in pairs:
        if measure > limit:
            asking.reasons.append(values.ShippingReason(code, measure, limit))


def tariff_steps(
    asking: Asking, tariff: values.Tariff, divisor: int | None, formula: values.ShippingFormula | None
) -> list[values.ShippingStep]:
    """Return the steps of a tariff; where it has no answer, note why and return what there is."""
    if isinstance(tariff, values.FlatTariff):
        return [values.ShippingStep("flat", tariff.fee_minor)]
    if isinstance(tariff, values.FormulaTariff):
        return _by_formula(asking, tariff, divisor, formula)
    steps: list[values.ShippingStep] = []
    measure = _measure(asking, tariff.by, divisor, steps)
    if isinstance(tariff, values.StepTariff):
        return [*steps, *_by_steps(tariff, measure)]
    for band in tariff.bands:
        if band.up_to is None or measure <= band.up_to:
            found = values.ShippingStep("band", band.fee_minor, tariff.by, measure=measure, limit=band.up_to)
            return [*steps, found]
    last = tariff.bands[-1].up_to or 0
    asking.reasons.append(values.ShippingReason("beyond_table", measure, last, reference=tariff.by))
    return steps


def _measure(asking: Asking, by: values.ShippingMeasure, divisor: int | None, steps: list[values.ShippingStep]) -> int:
    """Return what a tariff is asked by; a volumetric weight that counts is told as a step."""
    if by == "pieces":
        return asking.measured.pieces
    if by == "price":
        return asking.contents.goods_minor
    if by == "volume":
        return asking.volume_mm3()
    weight = asking.weight_g()
    if divisor is None:
        return weight
    volumetric = volumetric_g(asking.volume_mm3(), divisor)
    if volumetric > weight:
        steps.append(values.ShippingStep("volumetric", measure=volumetric, limit=weight))
    return max(weight, volumetric)


def volumetric_g(volume_mm3: int, divisor: int) -> int:
    """Return the weight in grams that a volume is taken for, rounded up.

    `divisor` is what carriers print, cubic centimeters per kilogram, which is cubic millimeters per gram.
    """
    return -(-volume_mm3 // divisor)


def _by_steps(tariff: values.StepTariff, measure: int) -> list[values.ShippingStep]:
    first = values.ShippingStep("first", tariff.first_minor, tariff.by, measure=measure, limit=tariff.first)
    beyond = measure - tariff.first
    if beyond <= 0:
        return [first]
    begun = -(-beyond // tariff.step)
    return [first, values.ShippingStep("further", begun * tariff.step_minor, tariff.by, begun, beyond, tariff.step)]


def _by_formula(
    asking: Asking, tariff: values.FormulaTariff, divisor: int | None, formula: values.ShippingFormula | None
) -> list[values.ShippingStep]:
    fee = formula(tariff.formula, _measures(asking, divisor)) if formula is not None else None
    if fee is None:
        asking.reasons.append(values.ShippingReason("formula_unanswered", reference=tariff.formula))
        return []
    if not 0 <= fee <= money.AMOUNT_MINOR_MAX:
        limit = money.AMOUNT_MINOR_MAX
        asking.reasons.append(values.ShippingReason("fee_out_of_range", fee, limit, reference=tariff.formula))
        return []
    return [values.ShippingStep("formula", fee, tariff.formula)]


def _measures(asking: Asking, divisor: int | None) -> values.ShippingMeasures:
    """Return what a formula may ask; all of it counts as used, and what is unknown is the formula's to mind."""
    measured = asking.measured
    if measured.weight_g is not None:
        asking.weight_g()
    if measured.volume_mm3 is not None:
        asking.volume_mm3()
    weight = measured.weight_g
    if divisor is not None and weight is not None:
        volume = measured.volume_mm3
        weight = None if volume is None else max(weight, volumetric_g(volume, divisor))
    longest = None if measured.volume_mm3 is None else measured.longest_mm
    contents = asking.contents
    return values.ShippingMeasures(
        contents.currency, contents.goods_minor, measured.pieces, weight, measured.volume_mm3, longest
    )


def surcharge_steps(
    asking: Asking, surcharges: Sequence[compiling.Surcharge], place: values.Place
) -> list[tuple[values.ShippingStep, bool]]:
    """Return the surcharges that are asked, each with whether it stays when the fee is waived."""
    asked = []
    for surcharge, areas in surcharges:
        if areas is not None and not areas.holding(place):
            continue
        times = _times(asking, surcharge)
        if not times:
            continue
        amount = surcharge.amounts.get(asking.contents.currency)
        if amount is None:
            currency = asking.contents.currency
            asking.reasons.append(
                values.ShippingReason("surcharge_not_in_currency", currency=currency, reference=surcharge.code)
            )
            continue
        step = values.ShippingStep("surcharge", times * amount, surcharge.code, times)
        asked.append((step, surcharge.when_free))
    return asked


def _times(asking: Asking, surcharge: values.ShippingSurcharge) -> int:
    """Return how often a surcharge is asked: of pieces that meet its conditions each, or of the order once."""
    if surcharge.side_over_mm is not None:
        asking.volume_mm3()
    if surcharge.weight_over_g is not None:
        asking.weight_g()
    meeting = sum(
        run.quantity
        for run in asking.measured.runs
        if (surcharge.side_over_mm is None or (run.side_mm or 0) > surcharge.side_over_mm)
        and (surcharge.weight_over_g is None or (run.weight_g or 0) > surcharge.weight_over_g)
    )
    return meeting if surcharge.per == "piece" else min(meeting, 1)


def bounded(
    rate: values.ShippingRate,
    tariff: Sequence[values.ShippingStep],
    surcharges: Sequence[tuple[values.ShippingStep, bool]],
    goods_minor: int,
) -> list[values.ShippingStep]:
    """Return all steps to the fee: what is waived from an amount of goods on, the least and the most that is asked."""
    steps = [*tariff, *[step for step, _ in surcharges]]
    fee = sum(step.minor for step in steps)
    if rate.free_from_minor is not None and goods_minor >= rate.free_from_minor:
        kept = sum(step.minor for step, stays in surcharges if stays)
        steps.append(values.ShippingStep("free_from", kept - fee, measure=goods_minor, limit=rate.free_from_minor))
        fee = kept
    elif fee < rate.minimum_minor:
        steps.append(values.ShippingStep("minimum", rate.minimum_minor - fee, limit=rate.minimum_minor))
        fee = rate.minimum_minor
    if rate.maximum_minor is not None and fee > rate.maximum_minor:
        steps.append(values.ShippingStep("maximum", rate.maximum_minor - fee, limit=rate.maximum_minor))
    return steps
