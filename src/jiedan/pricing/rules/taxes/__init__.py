"""Tax: rates by jurisdiction and class, charged on prices or taken out of them, nothing lost between lines."""

from jiedan.pricing.rules.taxes.asking import TaxTable, problems_of_tax_answer
from jiedan.pricing.rules.taxes.charging import tax
from jiedan.pricing.rules.taxes.checking import (
    problems_of_certificate,
    problems_of_tax_rate,
    problems_of_tax_rates,
    problems_of_tax_settings,
)
from jiedan.pricing.rules.taxes.compiling import CompiledTaxes, at_home, compile_taxes, counted_at, rates_at
from jiedan.pricing.rules.taxes.standing import status_of

__all__ = [
    "CompiledTaxes",
    "TaxTable",
    "at_home",
    "compile_taxes",
    "counted_at",
    "problems_of_certificate",
    "problems_of_tax_answer",
    "problems_of_tax_rate",
    "problems_of_tax_rates",
    "problems_of_tax_settings",
    "rates_at",
    "status_of",
    "tax",
]
