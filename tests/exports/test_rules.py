"""Sheets: what a spreadsheet would run stays text, and what is written reads back as it was."""

import csv
import io
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import hypothesis
import pytest
import python_calamine
from hypothesis import strategies as st

from jiedan.catalog.values import Labels
from jiedan.exports import rules, sheets
from jiedan.exports.values import FORMATS, ROWS, SHEET_ROWS_MAX, Cell, Column, FileFormat, Hanging, Row
from jiedan.orders.values import Contact
from jiedan.pricing.values import TaxPart, TaxRow
from tests.orders import made

COLUMNS = (Column("Text"), Column("Number"), Column("Moment"))
HEADINGS = ("Text", "Number", "Moment")
MOMENT = datetime(2026, 11, 22, 8, 30)  # noqa: DTZ001 - the merchant's local time
FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x")', "=cmd|' /C calc'!A0")


def written(file_format: FileFormat, rows: list[Row]) -> bytes:
    file = io.BytesIO()
    sheet = sheets.sheet(file, file_format, headings=HEADINGS, columns=COLUMNS)
    sheet.write(rows)
    sheet.close()
    return file.getvalue()


def read_csv(content: bytes) -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def read_xlsx(content: bytes, index: int = 0) -> list[list[object]]:
    book = python_calamine.load_workbook(io.BytesIO(content))
    return [list(row) for row in book.get_sheet_by_index(index).to_python()]


@pytest.mark.parametrize("text", FORMULAS)
def test_what_looks_like_a_formula_is_a_text_in_csv(text: str) -> None:
    assert read_csv(written("csv", [(text, 1, None)]))[1][0] == f"'{text}"


@pytest.mark.parametrize("text", [text for text in FORMULAS if "\r" not in text])
def test_what_looks_like_a_formula_is_a_text_in_xlsx(text: str) -> None:
    content = written("xlsx", [(text, 1, None)])
    assert read_xlsx(content)[1][0] == text
    assert b"<f>" not in content


def test_negative_amounts_stay_numbers() -> None:
    assert read_csv(written("csv", [("a", Decimal("-8.50"), None)]))[1][1] == "-8.50"
    assert read_xlsx(written("xlsx", [("a", Decimal("-8.50"), None)]))[1][1] == -8.5


def test_moments_are_moments() -> None:
    assert read_csv(written("csv", [("a", 1, MOMENT)]))[1][2] == "2026-11-22 08:30:00"
    assert read_xlsx(written("xlsx", [("a", 1, MOMENT)]))[1][2] == MOMENT


def test_headings_stand_above_even_without_rows() -> None:
    assert read_csv(written("csv", [])) == [list(HEADINGS)]
    assert read_xlsx(written("xlsx", [])) == [list(HEADINGS)]


def test_a_workbook_goes_on_in_another_sheet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "SHEET_ROWS_MAX", 3)
    assert SHEET_ROWS_MAX == 1_048_576
    content = written("xlsx", [(f"row {number}", number, None) for number in range(5)])
    assert [row[0] for index in range(3) for row in read_xlsx(content, index)] == [
        "Text", "row 0", "row 1", "Text", "row 2", "row 3", "Text", "row 4",
    ]  # fmt: skip


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)


@hypothesis.given(TEXTS, st.integers(-(10**12), 10**12))
def test_any_text_comes_back_from_csv(text: str, number: int) -> None:
    apostrophe = "'" if text.startswith(tuple("=+-@\t\r\n＝＋－＠")) else ""
    assert read_csv(written("csv", [(text, number, None)]))[1] == [apostrophe + text, str(number), ""]


@hypothesis.given(TEXTS)
def test_no_text_breaks_a_workbook(text: str) -> None:
    cells: Row = (text, 1, None)
    assert len(read_xlsx(written("xlsx", [cells]))) == 2


@pytest.mark.parametrize("rows", ROWS)
def test_columns_have_names_of_their_own(rows: str) -> None:
    headings = [column.heading for column in rules.COLUMNS[rows]]  # type: ignore[index]  # one of its keys
    assert len(set(headings)) == len(headings)
    assert FORMATS == ("csv", "xlsx")


def test_an_empty_cell_is_empty() -> None:
    nothing: list[Cell] = ["", None, None]
    assert read_csv(written("csv", [tuple(nothing)]))[1] == ["", "", ""]


def test_tax_that_is_not_charged_is_no_discount() -> None:
    order = made.order(placed_at=datetime.fromisoformat("2026-11-22T08:30+00:00"))
    line = made.line(discount_minor=244, relief_minor=144, total_minor=756, attributes=())
    row = rules.line_row(order, line, Labels("", ()), zone=ZoneInfo("UTC"))
    cells = dict(zip([column.key for column in rules.COLUMNS["lines"]], row, strict=True))
    told = [cells[key] for key in ("unit_price", "discount", "tax_not_charged", "tax", "total")]
    assert told == [Decimal(x) for x in ("10.00", "1.00", "1.44", "0.00", "7.56")]


def test_a_line_tells_its_taxes_by_rate() -> None:
    order = made.order(placed_at=datetime.fromisoformat("2026-11-22T08:30+00:00"))
    parts = (TaxPart("VAT", 190_000, 57, 300), TaxPart("VAT", 70_000, 14, 200))
    free = (TaxPart("", 0, 0, 500, treatment="reverse_charge"),)
    place = [column.key for column in rules.COLUMNS["lines"]].index("tax_by_rate")
    told = [
        rules.line_row(order, made.line(taxes=taxes, attributes=()), Labels("", ()), zone=ZoneInfo("UTC"))[place]
        for taxes in (parts, free, (), None)
    ]
    assert told == ["VAT 19%: 0.57 of 3.00; VAT 7%: 0.14 of 2.00", "reverse_charge: 0.00 of 5.00", None, None]


def test_an_order_tells_its_shipping_method() -> None:
    amounts = ("total", "tax", "captured", "refunded", "charged_back", "from_wallets", "refunding")
    order = made.order(
        placed_at=datetime.fromisoformat("2026-11-22T08:30+00:00"),
        contact=Contact(),
        payment_status="pending",
        fulfillment_status="allocated",
        shipping_method="express",
        shipping_name="Express by air",
        **{f"{name}_minor": 0 for name in amounts},
    )
    taxes = (TaxRow("taxed", "VAT", 190_000, False, 3_00, 57), TaxRow("exempt", "", 0, False, 2_00, 0))
    row = rules.order_row(order, Hanging(None, (), (), {}, taxes), zone=ZoneInfo("UTC"))
    cells = dict(zip([column.key for column in rules.COLUMNS["orders"]], row, strict=True))
    assert cells["shipping_method"] == "Express by air"
    assert cells["tax_by_rate"] == "VAT 19%: 0.57 of 3.00; exempt: 0.00 of 2.00"
