"""Code 128 barcodes (ISO/IEC 15417), code set B: as widths of bars and gaps, and as the path of an SVG."""

import re

PATTERNS = tuple(
    re.findall(
        r"\d{6}",
        "212222222122222221121223121322131222122213122312132212221213221312231212112232122132122231113222"
        "123122123221223211221132221231213212223112312131311222321122321221312212322112322211212123212321"
        "232121111323131123131321112313132113132311211313231113231311112133112331132131113123113321133121"
        "313121211331231131213113213311213131311123311321331121312113312311332111314111221411431111111224"
        "111422121124121421141122141221112214112412122114122411142112142211241211221114413111241112134111"
        "111242121142121241114212124112124211411212421112421211212141214121412121111143111341131141114113"
        "114311411113411311113141114131311141411131211412211214211232",
    )
)
"""Widths of three bars and three gaps, in modules, of each symbol."""

START_B = 104
STOP = "2331112"
QUIET_MODULES = 10
"""What stays empty on either side."""

CHARS_MAX = 60


def widths(text: str) -> tuple[int, ...]:
    """Return the widths of bars and gaps in turn, in modules, beginning with a bar.

    Raises ValueError for what the code set does not have: anything but printable ASCII, or more than `CHARS_MAX`.
    """
    if not 0 < len(text) <= CHARS_MAX or not (text.isascii() and text.isprintable()):
        message = f"{text!r} cannot be a barcode"
        raise ValueError(message)
    symbols = [START_B, *(ord(character) - 32 for character in text)]
    check = (START_B + sum(i * symbol for i, symbol in enumerate(symbols[1:], start=1))) % 103
    digits = "".join(PATTERNS[symbol] for symbol in (*symbols, check)) + STOP
    return tuple(int(digit) for digit in digits)


def bars(text: str) -> list[tuple[int, int]]:
    """Return (place, width) of each bar in modules, after the quiet zone."""
    found, at = [], QUIET_MODULES
    for i, width in enumerate(widths(text)):
        if i % 2 == 0:
            found.append((at, width))
        at += width
    return found


def length(text: str) -> int:
    """Return how long a barcode is in modules, quiet zones included."""
    return sum(widths(text)) + 2 * QUIET_MODULES


def path(text: str, *, height: int = 40) -> str:
    """Return the bars of a barcode as the path of an SVG, one unit per module."""
    return "".join(f"M{at} 0h{width}v{height}h-{width}z" for at, width in bars(text))
