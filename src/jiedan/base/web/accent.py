"""A merchant's accent: from a hue, the colors of buttons, links and marks, readable in light and dark.

The page links a stylesheet of one rule whose address says everything, so browsers keep it for ever and no style stands
inside the page. Colors are found in OKLCH at the house's lightness; where the screen cannot show as much color at that
hue, there is less of it, and contrast stays. The formulas are those of Björn Ottosson, "A perceptual color space for
image processing" (2020), and of WCAG 2.2 (relative luminance).
"""

import functools
import hashlib
import math
from typing import Any, NamedTuple

from litestar import Request, Response, get

from jiedan.base.web import routing
from jiedan.base.web.assets import CACHE_FOREVER, HASH_LENGTH
from jiedan.base.web.errors import NoSuchPage

HUES = 360
LINEAR_MAX, ENCODED_MAX = 0.0031308, 0.04045
"""Where the two pieces of sRGB's curve meet, in light and as it is written (IEC 61966-2-1)."""

URL_PREFIX = "/accent"

_SLACK = 1e-6
"""How far outside a part may be computed that is on the edge of what can be shown."""

_STEPS = 24
"""How often the share of color is halved on the way to the most that the screen can show."""


class Shade(NamedTuple):
    """A color in OKLCH without its hue: lightness and chroma."""

    lightness: float
    chroma: float


class Pair(NamedTuple):
    """A color in light and in dark."""

    light: Shade
    dark: Shade


SHADES = {
    "accent": Pair(Shade(0.49, 0.2), Shade(0.74, 0.13)),
    "accent-press": Pair(Shade(0.43, 0.19), Shade(0.8, 0.11)),
    "accent-bg": Pair(Shade(0.962, 0.02), Shade(0.29, 0.06)),
    "on-accent": Pair(Shade(1.0, 0.0), Shade(0.18, 0.04)),
    "mark": Pair(Shade(0.49, 0.2), Shade(0.49, 0.2)),
}
"""The house's shades; at hue 268 they are those of base.css."""

Rgb = tuple[float, float, float]


def color(shade: Shade, hue: int) -> str:
    """Return a shade at a hue as `#rrggbb`."""
    return "#" + "".join(f"{round(part * 255):02x}" for part in _shown(shade, hue))


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colors `#rrggbb` as WCAG 2.2 counts it, 1 to 21."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@functools.cache
def stylesheet(hue: int) -> str:
    """Return the rule that gives a page its accent."""
    light = "".join(f"--{name}:{color(pair.light, hue)};" for name, pair in SHADES.items())
    dark = "".join(f"--{name}:{color(pair.dark, hue)};" for name, pair in SHADES.items())
    return (
        f"@layer tokens{{:root{{{light}}}"
        f"@media(prefers-color-scheme:dark){{:root:not([data-theme=light]){{{dark}}}}}"
        f":root[data-theme=dark]{{{dark}}}}}"
    )


@functools.cache
def url(hue: int) -> str:
    """Return the address of the stylesheet, which changes with its content."""
    digest = hashlib.sha256(stylesheet(hue).encode()).hexdigest()[:HASH_LENGTH]
    return f"{URL_PREFIX}/{digest}/{hue}.css"


@get(URL_PREFIX + "/{digest:str}/{name:str}", public=True, unlimited=True)
async def accent_sheet(request: Request[Any, Any, Any]) -> Response[str]:
    """Answer the stylesheet of a hue."""
    path: str = request.scope["path"]
    text = path.rpartition("/")[2].removesuffix(".css")
    hue = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(HUES)) else HUES
    if hue >= HUES or url(hue) != path:
        raise NoSuchPage
    return Response(stylesheet(hue), media_type="text/css", headers={"Cache-Control": CACHE_FOREVER})


def _shown(shade: Shade, hue: int) -> Rgb:
    """Return the color as a screen shows it, with as much chroma as fits."""
    whole = _rgb(shade.lightness, shade.chroma, hue)
    if _fits(whole):
        return whole
    low, high = 0.0, shade.chroma
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if _fits(_rgb(shade.lightness, middle, hue)) else (low, middle)
    red, green, blue = (min(max(part, 0.0), 1.0) for part in _rgb(shade.lightness, low, hue))
    return red, green, blue


def _fits(rgb: Rgb) -> bool:
    return all(-_SLACK <= part <= 1 + _SLACK for part in rgb)


def _rgb(lightness: float, chroma: float, hue: int) -> Rgb:
    """Return OKLCH as sRGB; parts outside 0 to 1 cannot be shown."""
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        _encoded(4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short),
        _encoded(-1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short),
        _encoded(-0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short),
    )


def _encoded(linear: float) -> float:
    """Return a part of light as sRGB writes it."""
    if linear <= LINEAR_MAX:
        return 12.92 * linear
    return float(1.055 * linear ** (1 / 2.4) - 0.055)


def _luminance(text: str) -> float:
    parts = (int(text[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (p / 12.92 if p <= ENCODED_MAX else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return float(0.2126 * red + 0.7152 * green + 0.0722 * blue)


ROUTER = routing.root([accent_sheet])
