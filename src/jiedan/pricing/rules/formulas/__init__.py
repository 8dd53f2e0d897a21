"""Formula prices: read an expression, check it once, reckon with it exactly, and round half up once at the end."""

from jiedan.pricing.rules.formulas.checking import USAGE
from jiedan.pricing.rules.formulas.compiling import UNITS, compile_formula, words_invalid
from jiedan.pricing.rules.formulas.parsing import parse, plain
from jiedan.pricing.rules.formulas.reckoning import (
    Given,
    problems_of_formula,
    problems_of_names,
    read_attributes,
    reckon,
    said,
)
from jiedan.pricing.rules.formulas.writings import is_stand_in, stand_in

__all__ = [
    "UNITS",
    "USAGE",
    "Given",
    "compile_formula",
    "is_stand_in",
    "parse",
    "plain",
    "problems_of_formula",
    "problems_of_names",
    "read_attributes",
    "reckon",
    "said",
    "stand_in",
    "words_invalid",
]
