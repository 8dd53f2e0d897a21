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


def is_meant(sku: Scannable, text: str) -> bool:
    """Tell whether a scanned text is a SKU's code or barcode; case does not matter."""
    wanted = {sku.code.upper(), sku.barcode}
    return any(form in wanted for form in forms(text))
