"""How an address is written where it leads to. Pure."""

import re

from jiedan.customers.values import Address

LARGEST_FIRST = frozenset({"CN", "HK", "JP", "KR", "MO", "TW"})
"""Countries that write the province before the street, in their own script."""

_EAST_ASIAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def lines(address: Address) -> list[str]:
    """Return the lines of an address, the recipient first; what is empty is left out."""
    places = (address.region, address.city, address.district, address.line1, address.line2)
    written = " ".join(places)
    if address.country in LARGEST_FIRST and _EAST_ASIAN.search(written):
        distinct = [text for i, text in enumerate(places) if text and text not in places[:i]]
        place = ["".join(distinct)]
    else:
        town = ", ".join(text for text in (address.city, address.region) if text)
        place = [address.line1, address.line2, address.district, town]
    last = " ".join(text for text in (address.postal_code, address.country) if text)
    return [text for text in (address.name, address.company, *place, last) if text]
