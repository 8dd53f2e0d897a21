"""Decisions of pricing: pure, integers only, nothing lost between lines, every step explained."""

from jiedan.pricing.rules.books import (
    compile_book,
    problems_of_book,
)
from jiedan.pricing.rules.conversion import (
    compile_exchange,
    problems_of_exchange_rate,
    problems_of_rounding,
)
from jiedan.pricing.rules.flat import (
    flat_methods,
    flat_rates,
    flat_rules,
)
from jiedan.pricing.rules.formulas import (
    compile_formula,
    problems_of_formula,
)
from jiedan.pricing.rules.lists import (
    CompiledLists,
    compile_lists,
    problems_of_entry,
    problems_of_price_list,
)
from jiedan.pricing.rules.manual import (
    manual_off,
    manual_off_ppm,
    problems_of_manual_limit,
)
from jiedan.pricing.rules.quantities import (
    quantity_problem,
)
from jiedan.pricing.rules.quoting import (
    QuoteRules,
    quote,
)
from jiedan.pricing.rules.shipping import (
    CompiledShipping,
    compile_shipping,
    problems_of_shipping_method,
    problems_of_shipping_methods,
    problems_of_shipping_settings,
)
from jiedan.pricing.rules.steps import (
    price_steps,
)
from jiedan.pricing.rules.surcharges import (
    compile_surcharges,
    problems_of_surcharge,
)
from jiedan.pricing.rules.taxes import (
    CompiledTaxes,
    TaxTable,
    compile_taxes,
    problems_of_certificate,
    problems_of_tax_answer,
    problems_of_tax_rate,
    problems_of_tax_rates,
    problems_of_tax_settings,
    status_of,
    tax,
)
from jiedan.pricing.rules.units import (
    UnitRules,
    unit_prices,
)

__all__ = [
    "CompiledLists",
    "CompiledShipping",
    "CompiledTaxes",
    "QuoteRules",
    "TaxTable",
    "UnitRules",
    "compile_book",
    "compile_exchange",
    "compile_formula",
    "compile_lists",
    "compile_shipping",
    "compile_surcharges",
    "compile_taxes",
    "flat_methods",
    "flat_rates",
    "flat_rules",
    "manual_off",
    "manual_off_ppm",
    "price_steps",
    "problems_of_book",
    "problems_of_certificate",
    "problems_of_entry",
    "problems_of_exchange_rate",
    "problems_of_formula",
    "problems_of_manual_limit",
    "problems_of_price_list",
    "problems_of_rounding",
    "problems_of_shipping_method",
    "problems_of_shipping_methods",
    "problems_of_shipping_settings",
    "problems_of_surcharge",
    "problems_of_tax_answer",
    "problems_of_tax_rate",
    "problems_of_tax_rates",
    "problems_of_tax_settings",
    "quantity_problem",
    "quote",
    "status_of",
    "tax",
    "unit_prices",
]
