"""What the demo shop's products are marked with: brands of growers and kilns, and the merchant's own tags."""

from collections.abc import Mapping
from types import MappingProxyType

KILN = "白鹿窑 White Deer Kiln"
SPRING = "spring"

_BY_SHELF: Mapping[str, str] = MappingProxyType(
    {
        "green": "云岭 Yunling",
        "oolong": "听泉 Tingquan",
        "black": "云岭 Yunling",
        "puer": "老街 Old Street",
        "white": "听泉 Tingquan",
        "flower": "花间 Huajian",
        "cups": KILN,
        "sweets": "稻香阁 Daoxiang",
    }
)
_BY_CODE: Mapping[str, str] = MappingProxyType(
    {
        "POT-XS": "陶然居 Taoran",
        "POT-SP": "陶然居 Taoran",
        "POT-DRY": KILN,
        "CUP-GLS": "",
        "CUP-MUG": "",
    }
)
_TAGS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        SPRING: ("TEA-LJ", "TEA-BLC", "TEA-HS", "TEA-AJ", "TEA-GP", "TEA-XYMJ"),
        "organic": ("TEA-AJ", "FLW-CHR", "FLW-ROSE", "WHITE-MD"),
        "handmade": ("POT-XS", "POT-SP", "CUP-RU", "CUP-JZ", "TRAY-L"),
        "limited": ("PUER-2008", "SWT-MOON", "GIFT-FEST"),
    }
)


def brand_of(code: str, shelf: str) -> str:
    """Return the brand of a product, empty for what has none."""
    return _BY_CODE.get(code, _BY_SHELF.get(shelf, ""))


def tags_of(code: str) -> tuple[str, ...]:
    """Return the tags of a product."""
    return tuple(tag for tag, codes in _TAGS.items() if code in codes)
