"""Variants: what the choices of a product span, and what each is called."""

import itertools
import math
import re
from collections.abc import Collection, Sequence

from jiedan.base import terms
from jiedan.catalog.values import Option

CODE_CHARACTERS_MAX = 100
_NOT_IN_CODES = re.compile(r"[^A-Z0-9]+")


def sku_name(product_name: str, option_values: Sequence[str]) -> str:
    """Return what a SKU is called on an order: the product and, where it has variants, the choices made."""
    return f"{product_name} – {' / '.join(option_values)}" if option_values else product_name


def variant_count(options: Sequence[Option]) -> int:
    """Return how many variants the options span, without spanning them; 1 without options."""
    return math.prod(len(option.choices) for option in options)


def option_matrix(options: Sequence[Option]) -> list[tuple[str, ...]]:
    """Return every variant as one choice per option, the last option varying fastest; `[()]` without options."""
    return list(itertools.product(*(option.choices for option in options)))


def variant_code(product_code: str, choices: Sequence[str], taken: Collection[str]) -> str:
    """Return a SKU code for a variant: the product's code and each choice in ASCII, Chinese by its pinyin.

    A number is added where that is taken or says nothing.
    """
    words = [_ascii(choice) for choice in choices]
    stem = "-".join([product_code, *(word for word in words if word)])[: CODE_CHARACTERS_MAX - 6]
    if stem not in taken:
        return stem
    return next(code for number in itertools.count(2) if (code := f"{stem}-{number}") not in taken)


def _ascii(choice: str) -> str:
    spoken = terms.pinyin_terms(choice)[:1] + [word for word in terms.tokens(choice) if word.isascii()]
    return _NOT_IN_CODES.sub("", "".join(spoken).upper())
