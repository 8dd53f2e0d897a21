"""Barcodes say what they were made of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiedan.base import code128

PRINTABLE = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=code128.CHARS_MAX)


def read(widths: tuple[int, ...]) -> str:
    """Read a barcode back as a scanner does, by its symbols and check."""
    assert widths[-7:] == tuple(int(x) for x in code128.STOP)
    groups = ["".join(str(x) for x in widths[at : at + 6]) for at in range(0, len(widths) - 7, 6)]
    symbols = [code128.PATTERNS.index(group) for group in groups]
    start, *data, check = symbols
    assert start == code128.START_B
    assert (start + sum(i * x for i, x in enumerate(data, 1))) % 103 == check
    return "".join(chr(x + 32) for x in data)


def test_each_symbol_is_eleven_modules_of_three_bars_and_is_unique() -> None:
    assert len(set(code128.PATTERNS)) == len(code128.PATTERNS) == 106
    for pattern in code128.PATTERNS:
        widths = [int(x) for x in pattern]
        assert sum(widths) == 11
        assert sum(widths[::2]) % 2 == 0


@given(PRINTABLE)
def test_what_is_written_is_read(text: str) -> None:
    assert read(code128.widths(text)) == text
    assert code128.length(text) == 11 * (len(text) + 2) + 13 + 2 * code128.QUIET_MODULES


@pytest.mark.parametrize("text", ["", "接单", "a\n", "x" * 61])
def test_what_cannot_be_written_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="cannot be a barcode"):
        code128.widths(text)


def test_a_path_draws_each_bar() -> None:
    assert code128.path("A", height=5).startswith("M10 0h2v5h-2z")
    assert code128.path("A").count("M") == len(code128.bars("A")) == 3 * 3 + 4
