"""Cells of CSV: what a spreadsheet would run is a text, and is read back as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiedan.base import spreadsheets

FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "=cmd|' /C calc'!A0", "＝1+1", "＋1", "－1", "＠A1")


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_becomes_a_text(text: str) -> None:
    assert spreadsheets.shielded(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "1=1", "a@b.cn", "'", " =1", "茶"])
def test_a_text_stays_as_it_is(text: str) -> None:
    assert spreadsheets.shielded(text) == text


@pytest.mark.parametrize("number", ["-4", "+86 139 1234 5678", "-1,299.50"])
def test_a_number_of_a_file_keeps_its_sign(number: str) -> None:
    assert spreadsheets.shielded_unless_number(number) == number


@pytest.mark.parametrize("text", ["=HYPERLINK(1)", "+1+1", "-A1"])
def test_what_only_begins_like_a_number_is_shielded(text: str) -> None:
    assert spreadsheets.shielded_unless_number(text) == f"'{text}"


@given(st.text().filter(lambda text: not text.startswith(("'", '="'))))
def test_what_is_shielded_is_read_back(text: str) -> None:
    assert spreadsheets.bare(spreadsheets.shielded(text)) == text


def test_a_text_in_a_formula_is_the_text() -> None:
    assert spreadsheets.bare('="00123"') == "00123"


def test_lines_end_as_the_format_says() -> None:
    assert spreadsheets.csv_lines([("a,b", 'c"', 1), ("", "d\n", -2)]) == '"a,b","c""",1\r\n,"d\n",-2\r\n'
