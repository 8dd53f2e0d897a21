"""Shipping fees: which methods serve a place, what each asks step by step, and why others do not serve."""

from jiedan.pricing.rules.shipping.checking import (
    problems_of_shipping_method,
    problems_of_shipping_methods,
    problems_of_shipping_settings,
)
from jiedan.pricing.rules.shipping.compiling import CompiledShipping, compile_shipping
from jiedan.pricing.rules.shipping.offering import FIELD, choose, named, offers

__all__ = [
    "FIELD",
    "CompiledShipping",
    "choose",
    "compile_shipping",
    "named",
    "offers",
    "problems_of_shipping_method",
    "problems_of_shipping_methods",
    "problems_of_shipping_settings",
]
