"""Tax tables that tests charge, and a short way to read what comes of them."""

from collections.abc import Sequence
from datetime import UTC, datetime

from jiedan.pricing import rules, values

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
NOBODY = values.TaxStatus()
CHINA = values.Place("CN")
GERMANY = values.Place("DE", postal_code="10115")

Row = tuple[int, dict[str, int], int]
"""Net, tax by name, gross."""


def rate(country: str, rate_ppm: int, name: str = "VAT", tax_class: str = "standard", **more: object) -> values.TaxRate:
    return values.TaxRate(tax_class, rate_ppm, country, component=name, **more)  # type: ignore[arg-type]  # shorthand


def goods(amount_minor: int, tax_class: str = "standard") -> values.Taxable:
    return values.Taxable(amount_minor, tax_class)


def fee(amount_minor: int, tax_class: str = "shipping") -> values.Taxable:
    return values.Taxable(amount_minor, tax_class, "fee")


def charged(
    table: Sequence[values.TaxRate],
    items: Sequence[values.Taxable],
    place: values.Place = CHINA,
    status: values.TaxStatus = NOBODY,
    at: datetime = NOON,
    *,
    included: bool = False,
    **settings: object,
) -> values.Taxed:
    chosen = values.TaxSettings(**settings)  # type: ignore[arg-type]  # shorthand
    assert rules.problems_of_tax_rates(table) == ()
    assert rules.problems_of_tax_settings(chosen) == ()
    compiled = rules.compile_taxes(table, chosen, prices_include_tax=included)
    taxed = rules.tax(items, place, status, compiled, at)
    question = values.TaxQuestion("CNY", tuple(items), place, status, at, included)
    assert rules.problems_of_tax_answer(question, taxed) == ()
    assert rules.TaxTable(compiled).tax(question) == taxed
    return taxed


def told(taxed: values.Taxed) -> list[Row]:
    return [
        (item.net_minor, {x.name: x.minor for x in item.parts if x.treatment == "taxed"}, item.gross_minor)
        for item in taxed.items
    ]


def noted(taxed: values.Taxed) -> list[tuple[str, str]]:
    return [(note.code, note.reference) for note in taxed.notes]
