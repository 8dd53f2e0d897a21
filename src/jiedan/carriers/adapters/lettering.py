"""How text is set in a PDF without carrying fonts along: which font has which letters, and how wide they are.

Latin text is set in Helvetica, Hangul in the standard Korean font of PDF readers, everything else in their Chinese one
(HYGoThic-Medium and STSong-Light with the predefined CMaps for Unicode, ISO 32000-1, 9.7.5.2).
"""

import functools
import itertools
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

LATIN, CHINESE, KOREAN = "F1", "F2", "F3"
LATIN_CODEC = "cp1252"
"""What PDF calls WinAnsiEncoding."""

SQUARE = 1000
"""How wide Chinese and Korean letters are, in thousandths of their size."""

WIDTHS = (
    "278 278 355 556 556 889 667 191 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 556 556 556 278 278"
    " 584 584 584 556 1015 667 667 722 722 667 611 778 722 278 500 667 556 833 722 778 667 778 722 667 611 722 667 944"
    " 667 667 611 278 278 278 469 556 333 556 556 500 556 556 278 556 556 222 222 500 222 833 556 556 556 556 333 500"
    " 278 556 500 722 500 500 500 334 260 334 584"
)
HELVETICA = dict(zip(map(chr, range(32, 127)), map(int, WIDTHS.split()), strict=True))
"""How wide the letters of Helvetica are, in thousandths of their size (Adobe's font metrics)."""

_STROKED = str.maketrans("ŁłĐđĦħŦŧıŊŋ", "LlDdHhTtiNn")
"""Latin letters that no accent can be taken from."""


class Run(NamedTuple):
    """A piece of text in one font; `code` is what the PDF says."""

    font: str
    code: bytes


def runs(text: str) -> list[Run]:
    """Return a text as pieces that one font has each."""
    shown = _shown(text)
    return [Run(font, _encoded(font, "".join(of))) for font, of in itertools.groupby(shown, key=_font)]


def width(text: str, size: float) -> float:
    """Return how wide a text is, in the unit of `size`."""
    return size * sum(map(_width, _shown(text))) / 1000


def wrapped(text: str, size: float, room: float) -> list[str]:
    """Return a text in lines no wider than `room`: broken at a space where there is one, else anywhere."""
    lines: list[str] = []
    line = ""
    for char in text:
        if width(line + char, size) > room:
            head, space, tail = line.rpartition(" ")
            lines.append(head if space else line)
            line = tail if space else ""
        line += char
    return [*lines, line.rstrip()] if line.strip() else lines


def fitted(text: str, sizes: Sequence[float], room: float) -> tuple[float, str]:
    """Return the first of `sizes` in which a text is no wider than `room`, or the last, and as much as fits there."""
    for size in sizes:
        if width(text, size) <= room:
            return size, text
    return sizes[-1], wrapped(text, sizes[-1], room)[0]


def _shown(text: str) -> str:
    """Return a text as it can be set: what no font has loses its accent, what cannot be seen becomes a space."""
    return "".join(map(_settable, unicodedata.normalize("NFC", text)))


@functools.lru_cache(maxsize=4_096)
def _settable(char: str) -> str:
    if not char.isprintable():
        return " "
    is_latin = unicodedata.name(char, "").startswith("LATIN")
    if _has(LATIN_CODEC, char) or _font(char) == KOREAN or (_has("gbk", char) and not is_latin):
        return char
    bare = unicodedata.normalize("NFKD", char.translate(_STROKED))[0]
    return bare if _has(LATIN_CODEC, bare) or _has("gbk", bare) else char


@functools.lru_cache(maxsize=4_096)
def _font(char: str) -> str:
    if _has(LATIN_CODEC, char):
        return LATIN
    return KOREAN if unicodedata.name(char, "").startswith("HANGUL") else CHINESE


def _width(char: str) -> int:
    if _font(char) != LATIN:
        return SQUARE
    return HELVETICA.get(unicodedata.normalize("NFKD", char)[0], SQUARE)


def _has(codec: str, char: str) -> bool:
    try:
        char.encode(codec)
    except UnicodeEncodeError:
        return False
    return True


def _encoded(font: str, text: str) -> bytes:
    return text.encode(LATIN_CODEC if font == LATIN else "utf-16-be")
