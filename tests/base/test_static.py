"""Our own styles and scripts: how much they weigh, and whether what stands on what can be read."""

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import lightningcss
import pytest

from jiedan.base.web import accent
from jiedan.base.web.accent import Shade
from jiedan.base.web.assets import SHEET, Assets

STATIC = Path(accent.__file__).parent / "static"

CSS_BYTES_MAX = 20_000
JS_BYTES_MAX = 15_000
MODULE_BYTES_MAX = 2_000
"""Compressed by gzip."""

LONG_NAMES = 1.2
"""How much heavier the source is without comments and indents than what a build makes of it, which shortens names."""

TEXT_MIN, MARK_MIN = 4.5, 3.0
"""WCAG 2.2, 1.4.3 and 1.4.11."""

SURFACES = ("bg", "surface", "surface-2", "sunk")

TOKEN = re.compile(r"--([a-z0-9-]+): light-dark\(((?:oklch\([^)/]*\)|#fff)),\s*((?:oklch\([^)/]*\)|#fff))\);")
OKLCH = re.compile(r"oklch\(([\d.]+)% ([\d.]+) ([\d.]+)\)")


def _weight(content: bytes) -> int:
    return len(gzip.compress(content, 9))


def _bare(path: Path) -> bytes:
    """Return a module without what any bundler takes away: lines of comment and indents."""
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//")).encode()


def test_all_styles_stay_light() -> None:
    css = lightningcss.process_stylesheet(Assets().named(SHEET).content.decode(), minify=True)
    assert _weight(css.encode()) <= CSS_BYTES_MAX


def test_all_scripts_stay_light() -> None:
    modules = sorted(STATIC.glob("*.js"))
    heavy = {path.name: weight for path in modules if (weight := _weight(_bare(path))) > MODULE_BYTES_MAX * LONG_NAMES}
    assert heavy == {}
    assert _weight(b"\n".join(_bare(path) for path in modules)) <= JS_BYTES_MAX * LONG_NAMES


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
def test_what_stands_on_what_can_be_read(mode: int) -> None:
    color = {name: pair[mode] for name, pair in _tokens()}
    poor = [
        (front, back, round(found, 2))
        for front, back, least in _pairs()
        if (found := accent.contrast(color[front], color[back])) < least
    ]
    assert poor == []


def _pairs() -> Iterator[tuple[str, str, float]]:
    """Yield what is written or drawn on what, and the least contrast."""
    for surface in SURFACES:
        yield from (("text", surface, TEXT_MIN), ("text-2", surface, TEXT_MIN), ("accent", surface, TEXT_MIN))
    yield from (("line-3", "surface", MARK_MIN), ("line-3", "bg", MARK_MIN))
    for tone in ("ok", "warn", "bad", "info", "accent"):
        yield from ((tone, f"{tone}-bg", TEXT_MIN), ("text", f"{tone}-bg", TEXT_MIN), (tone, "surface", TEXT_MIN))
        yield ("text-2", f"{tone}-bg", TEXT_MIN)
    yield from (
        ("on-accent", "accent", TEXT_MIN),
        ("on-accent", "accent-press", TEXT_MIN),
        ("surface", "bad", TEXT_MIN),
    )


def _tokens() -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield the colors of base.css, light and dark, as `#rrggbb`."""
    for name, light, dark in TOKEN.findall((STATIC / "base.css").read_text(encoding="utf-8")):
        yield name, (_color(light), _color(dark))


def _color(text: str) -> str:
    if text == "#fff":
        return "#ffffff"
    found = OKLCH.fullmatch(text)
    assert found, text
    return accent.color(Shade(float(found[1]) / 100, float(found[2])), round(float(found[3])))
