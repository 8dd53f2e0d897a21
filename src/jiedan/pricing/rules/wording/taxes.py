"""Taxes in words: which rate holds where, and why tax is not charged."""

from collections.abc import Mapping
from types import MappingProxyType

from jiedan.base.i18n import N_
from jiedan.pricing.rules.wording.reader import Reader
from jiedan.pricing.values import taxes

NOTES: Mapping[taxes.TaxNoteCode, str] = MappingProxyType(
    {
        "certificate": N_("exempt by certificate {reference}"),
        "certificate_elsewhere": N_("certificate {reference} does not hold at this place"),
        "certificate_not_begun": N_("certificate {reference} does not hold yet"),
        "certificate_not_needed": N_("certificate {reference} is not needed"),
        "certificate_other_class": N_("certificate {reference} is for other goods"),
        "certificate_over": N_("certificate {reference} has expired"),
        "goods_stay": N_("the goods stay in the country, so tax is charged in spite of {reference}"),
        "no_rate": N_("no rate is known for {classes}"),
        "reverse_charge": N_("reverse charge, {reference}: {article}"),
        "vat_number_domestic": N_("{reference} is a domestic VAT number"),
        "vat_number_elsewhere": N_("{reference} is of another tax area"),
        "vat_number_unreadable": N_("the VAT number {reference} cannot be read"),
    }
)


def note(told: taxes.TaxNote, reader: Reader) -> str:
    """Return why tax is not charged, or why what the customer has shown does not help."""
    return reader.say(
        NOTES[told.code], reference=told.reference, article=told.article, classes=reader.row(told.classes)
    )


def rate(told: taxes.TaxRate, reader: Reader) -> str:
    """Return a row of the tax table in one sentence: `Germany: 19% on standard`."""
    place = " ".join(part for part in (reader.country(told.country), told.region, told.postal) if part)
    name = reader.say(N_("tax")) if told.component == taxes.TAX_NAME else told.component
    held = reader.say(
        N_("{place}: {rate} {name} on {tax_class}"),
        place=place,
        rate=reader.rate(told.rate_ppm),
        name=name,
        tax_class=told.tax_class,
    )
    compound = reader.say(N_("levied on the price with the taxes before it")) if told.is_compound else ""
    return reader.clauses([held, compound, reader.period(told.from_at, told.until_at)])


def found(told: taxes.FoundRate, reader: Reader) -> str:
    """Return which row of the table gave a class its rate."""
    return rate(
        taxes.TaxRate(
            told.tax_class, told.rate_ppm, told.country, told.region, told.postal, told.component, told.is_compound
        ),
        reader,
    )
