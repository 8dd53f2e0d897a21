"""The words a SKU is found by."""

from collections.abc import Iterable

from jiedan.base import terms
from jiedan.catalog.values import Product, Sku

_WORDED = ("name", "brand", "options", "code")
_WORDED_OF_SKU = (".option_values", ".barcode", ".alternate_barcodes", "]")


def sku_terms(product: Product, sku: Sku) -> list[str]:
    """Return the terms of a SKU: its codes and barcodes, the product's name and brand, its choices, with pinyin."""
    found = [*terms.code_terms(sku.code), *terms.code_terms(product.code)]
    for barcode in sku.barcodes:
        upc_a = barcode.removeprefix("0")
        found += [terms.normalize(form) for form in (barcode, upc_a, barcode.lstrip("0"))]
    for text in (product.name, product.brand, *sku.option_values):
        found += terms.name_terms(text)
    return [term for term in dict.fromkeys(found) if term][: terms.TERMS_PER_DOCUMENT_MAX]


def changes_terms(changed: Iterable[str]) -> bool:
    """Tell whether a change of these fields changes what the product's SKUs are found by."""
    return any(field in _WORDED or field.endswith(_WORDED_OF_SKU) for field in changed)
