"""Make a rule book ready for baskets, and say what is wrong with one. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from jiedan.base.errors import Refusal
from jiedan.pricing import errors, values
from jiedan.pricing.rules import (
    conversion,
    formulas,
    lists,
    manual,
    promotions,
    shipping,
    surcharges,
    taxes,
    units,
)
from jiedan.pricing.rules.needs import counted, needs_of
from jiedan.pricing.rules.quoting import QuoteRules
from jiedan.pricing.values.books import RuleBook

PROBLEMS_MAX = 100
"""Problems of a book that are told at once."""

T = TypeVar("T")


def compile_book(book: RuleBook, *, version: int, prices_include_tax: bool) -> QuoteRules:
    """Return the rules of a book ready for baskets; `problems_of_book` must have nothing to say about it."""
    ready = {formula.code: formulas.compile_formula(formula) for formula in book.formulas}
    return QuoteRules(
        version=version,
        prices_include_tax=prices_include_tax,
        units=units.UnitRules(
            lists.compile_lists(book.price_lists),
            conversion.compile_exchange(book.base_currency, book.exchange_rates, book.roundings),
            surcharges.compile_surcharges(book.surcharges),
            ready,
            {trait: formula.code for formula in book.formulas for trait in formula.goods},
        ),
        promotions=promotions.compile_promotions(map(counted, book.promotions)),
        shipping=shipping.compile_shipping(book.shipping_methods, book.shipping),
        taxes=taxes.compile_taxes(book.tax_rates, book.tax, prices_include_tax=prices_include_tax),
        shipping_formula=_shipping_formula(ready),
        needs=needs_of(book),
        manual_limits=tuple(book.manual_limits),
    )


def _shipping_formula(ready: Mapping[str, values.CompiledFormula]) -> values.ShippingFormula:
    """Return what answers tariffs by formula: its attributes are those of what is shipped, by their names."""

    def fee(code: str, measured: values.ShippingMeasures) -> int | None:
        formula = ready.get(code)
        if formula is None or measured.currency not in formula.currencies:
            return None
        known = {
            "goods_minor": measured.goods_minor,
            "pieces": measured.pieces,
            "weight_g": measured.weight_g,
            "volume_mm3": measured.volume_mm3,
            "longest_mm": measured.longest_mm,
        }
        asked = {attribute.name for attribute in formula.formula.attributes}
        told = {name: value for name, value in known.items() if name in asked and value is not None}
        try:
            given = formulas.read_attributes(formula, told)
            return formulas.reckon(formula, given, measured.currency).unit_minor
        except Refusal:
            return None  # the method says that its formula cannot be answered

    return fee


def problems_of_book(book: RuleBook) -> tuple[Refusal, ...]:
    """Return what is wrong with a book, a hundred problems at most, each naming its field: `promotions[2].when.hours`.

    What promotions do together is asked of `promotions.shadows`, `gift_loops` and `excesses`.
    """
    found = [
        *_of_each("price_lists", book.price_lists, lists.problems_of_price_list),
        *_twice("price_lists", [one.code for one in book.price_lists]),
        *_of_each("surcharges", book.surcharges, surcharges.problems_of_surcharge),
        *_twice("surcharges", [one.code for one in book.surcharges]),
        *_of_each("formulas", book.formulas, formulas.problems_of_formula),
        *_twice("formulas", [one.code for one in book.formulas]),
        *_goods_twice(book.formulas),
        *_of_each("exchange_rates", book.exchange_rates, conversion.problems_of_exchange_rate),
        *[
            _at(f"roundings.{currency}", problem)
            for currency, rounding in sorted(book.roundings.items())
            for problem in conversion.problems_of_rounding(rounding)
        ],
        *_of_each("manual_limits", book.manual_limits, manual.problems_of_manual_limit),
        *_twice("manual_limits", [one.role for one in book.manual_limits], of="role"),
        *_of_each("promotions", book.promotions, promotions.problems_of_promotion),
        *_twice("promotions", [one.id for one in book.promotions], of="id"),
        *[_at("shipping", problem) for problem in shipping.problems_of_shipping_settings(book.shipping)],
        *[_at("shipping_", problem) for problem in shipping.problems_of_shipping_methods(book.shipping_methods)],
        *_unknown_formulas(book),
        *[_at("tax", problem) for problem in taxes.problems_of_tax_settings(book.tax)],
        *[_at("tax_", problem) for problem in taxes.problems_of_tax_rates(book.tax_rates)],
    ]
    return tuple(found[:PROBLEMS_MAX])


def _at(place: str, problem: Refusal) -> Refusal:
    """Return a problem with its field named from the book on."""
    field = problem.field or ""
    if field and not place.endswith("_"):
        field = f".{field}"
    problem.field = place + field
    return problem


def _of_each(place: str, rules: Sequence[T], problems_of: Callable[[T], Iterable[Refusal]]) -> list[Refusal]:
    return [_at(f"{place}[{i}]", problem) for i, rule in enumerate(rules) for problem in problems_of(rule)]


def _twice(place: str, codes: Sequence[str], *, of: str = "code") -> list[Refusal]:
    """Return where a code was given before."""
    first: dict[str, int] = {}
    for i, code in enumerate(codes):
        first.setdefault(code, i)
    return [errors.RuleCodeTaken(code, field=f"{place}[{i}].{of}") for i, code in enumerate(codes) if first[code] != i]


def _goods_twice(every: Sequence[values.Formula]) -> list[Refusal]:
    """Return where goods are named that a formula prices already."""
    first: dict[str, str] = {}
    found: list[Refusal] = []
    for i, formula in enumerate(every):
        for j, trait in enumerate(formula.goods):
            if trait in first:
                found.append(errors.FormulaGoodsTaken(trait, first[trait], field=f"formulas[{i}].goods[{j}]"))
            first.setdefault(trait, formula.code)
    return found


def _unknown_formulas(book: RuleBook) -> list[Refusal]:
    """Return where a tariff names a formula that is not in the book."""
    known = {formula.code for formula in book.formulas}
    return [
        errors.FormulaUnknown(rate.tariff.formula, field=f"shipping_methods[{m}].zones[{z}].rates[{r}].tariff.formula")
        for m, method in enumerate(book.shipping_methods)
        for z, zone in enumerate(method.zones)
        for r, rate in enumerate(zone.rates)
        if isinstance(rate.tariff, values.FormulaTariff) and rate.tariff.formula not in known
    ]
