"""What a scanner's text may mean. Pure."""

from jiedan.catalog.rules.barcodes import canonical_barcode
from jiedan.catalog.values import Scannable

GTIN_PREFIX = "01"
"""What a GS1 symbol begins with when a GTIN-14 follows (GS1 General Specifications, 3.3.2)."""

GTIN_DIGITS = 14


def forms(text: str) -> tuple[str, ...]:
    """Return what a text may be looked up as: itself, in capitals, and the barcode that it holds.

    A symbology identifier before it (`]C1`, ISO/IEC 15424) is left out, and so is what follows the GTIN of a GS1
    symbol: its batch, date and serial number.
    """
    bare = text.strip()
    if bare.startswith("]"):
        bare = bare[3:]
    found = [bare, bare.upper()]
    gs1 = bare.replace("(", "").replace(")", "")
    gtin = gs1[len(GTIN_PREFIX) : len(GTIN_PREFIX) + GTIN_DIGITS]
    candidates = [bare, gtin] if gs1.startswith(GTIN_PREFIX) and len(gtin) == GTIN_DIGITS else [bare]
    found += [barcode for barcode in map(canonical_barcode, candidates) if barcode is not None]
    return tuple(x for x in dict.fromkeys(found) if x)


def units(sku: Scannable, text: str) -> int | None:
    """Return how many units of a SKU a scanned text stands for, None where it is neither its code nor a barcode of it.

    A code stands for one, as the main barcode does; that of a carton stands for what is in it. Case does not matter.
    """
    for form in forms(text):
        if form == sku.code.upper():
            return 1
        if form in sku.barcodes:
            return sku.barcodes[form]
    return None
