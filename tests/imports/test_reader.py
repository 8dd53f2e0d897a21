import codecs
import gzip
import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiedan.base import errors as base_errors
from jiedan.base import i18n
from jiedan.imports import errors, reader
from tests.imports.factories import Raw, csv_of, workbook


def read(content: bytes, encoding: str | None = None) -> tuple[tuple[str, ...], list[tuple[int, list[str]]]]:
    with reader.opened(reader.of_bytes("file", content), encoding=encoding) as table:
        return table.columns, list(table.rows)


def refusal(content: bytes, encoding: str | None = None) -> base_errors.Refusal:
    with pytest.raises(base_errors.Refusal) as refused:
        read(content, encoding)
    return refused.value


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_told_from_the_header(delimiter: str) -> None:
    columns, rows = read(csv_of(delimiter.join(["sku", "name"]), delimiter.join(["A", "1.5 kg"])))
    assert columns == ("sku", "name")
    assert rows == [(2, ["A", "1.5 kg"])]


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "gb18030", "gbk", "big5", "cp1252", "cp1250", "cp932", "cp949"],
)
def test_the_encoding_is_told(encoding: str) -> None:
    text = "商品编码,名称\r\nA1,红色连衣裙\r\nA2,绿茶和红茶\r\n"
    if encoding == "big5":
        text = "商品編碼,名稱,說明\r\nA1,紅色連衣裙,這是一件很漂亮的紅色連衣裙\r\nA2,綠茶和紅茶,來自臺灣的高山茶葉\r\n"
    if encoding == "cp1252":
        text = "sku,naïve name\r\nA1,crème brûlée à la façon de Zoë\r\nA2,Straße – Übergröße\r\n"
    if encoding == "cp1250":
        text = "kod,nazwa\r\nA1,żółta łódź w kształcie gęsi\r\nA2,świeże jabłka i gruszki ze wsi\r\n"
    if encoding == "cp932":
        text = "コード,名前\r\nA1,赤いドレス\r\nA2,緑茶\r\n"
    if encoding == "cp949":
        text = "코드,이름\r\nA1,빨간 드레스\r\nA2,녹차\r\n"
    content = text.encode(encoding)
    if encoding == "utf-16-le":
        content = codecs.BOM_UTF16_LE + content
    columns, rows = read(content)
    assert ",".join(columns) == text.splitlines()[0]
    assert [",".join(cells) for _, cells in rows] == text.splitlines()[1:]


def test_an_encoding_is_told_by_what_comes_late() -> None:
    text = "\r\n".join(["sku,name", *(f"A{n},plain" for n in range(50_000)), "Z,红色连衣裙和绿茶", ""])
    assert read(text.encode("gb18030"))[1][-1] == (50_002, ["Z", "红色连衣裙和绿茶"])


def test_an_encoding_can_be_named() -> None:
    assert read("名\r\n茶\r\n".encode("shift_jis"), "shift_jis") == (("名",), [(2, ["茶"])])
    assert refusal(b"a\r\n", "klingon").code == "file_unreadable"


def test_a_byte_that_is_not_in_the_encoding_says_where() -> None:
    broken = csv_of("sku", "茶", *["A"] * 200_000) + b"\xff\xfe\r\n"
    refused = refusal(broken)
    assert refused.code == "file_unreadable"
    assert "after row" in str(refused)


def test_quoted_cells_may_hold_anything() -> None:
    _, rows = read(csv_of("a,b", '"x, ""y""",", z"', '"two', 'lines",3'))
    assert rows == [(2, ['x, "y"', ", z"]), (3, ["two\r\nlines", "3"])]


def test_a_quote_that_never_ends_is_refused() -> None:
    assert refusal(csv_of("a,b", '"x,y', "z,1")).code == "file_unreadable"


def test_blank_rows_are_left_out_and_counted() -> None:
    _, rows = read(csv_of("a,b", "", "1,2", " , ", "3,4"))
    assert rows == [(3, ["1", "2"]), (5, ["3", "4"])]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "empty"),
        (b"\r\n\r\n", "empty"),
        (b"a,,b\r\n", "column 2 has no name"),
        (b"a,b,a\r\n", "a stands there twice"),
        (b"a,na\0me\r\n", "column 2 contains U+0000"),
    ],
)
def test_a_header_names_every_column_once(content: bytes, problem: str) -> None:
    refused = refusal(content)
    assert isinstance(refused, errors.HeaderInvalid)
    assert problem in refused.problem


def test_trailing_columns_without_a_name_do_not_count() -> None:
    assert read(b"a,b,,\r\n1,2,,\r\n")[0] == ("a", "b")


def test_a_packed_file_is_read_as_it_is() -> None:
    assert read(gzip.compress(csv_of("sku;name", "A;茶"))) == (("sku", "name"), [(2, ["A", "茶"])])


def test_a_packed_file_that_breaks_off_is_refused() -> None:
    whole = gzip.compress(csv_of("sku,name", *(f"A{n},{n * 7919 % 10007}" for n in range(50_000))))
    assert refusal(whole[: len(whole) // 2]).code == "file_unreadable"


def test_a_packed_file_that_fills_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "UNPACKED_BYTES_MAX", 1_000_000)
    assert refusal(gzip.compress(csv_of("a", *["x" * 50] * 100_000))).code == "file_too_large"


def test_a_workbook_is_read_like_a_file_of_text() -> None:
    content = workbook([["sku", "qty", "price", "active"], ["A", 3, 12.5, True], [], [4006381333931, 0, "", False]])
    assert read(content) == (
        ("sku", "qty", "price", "active"),
        [(2, ["A", "3", "12.5", "true"]), (4, ["4006381333931", "0", "", "false"])],
    )


def test_a_workbook_that_unpacks_to_far_more_than_it_is_is_refused_before() -> None:
    refused = refusal(workbook([["a"], ["1"]], padding=5_000_000))
    assert refused.code == "file_too_large"


def test_what_only_looks_like_a_workbook_is_refused() -> None:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as archive:
        archive.writestr("readme.txt", "no workbook")
    assert refusal(output.getvalue()).code == "file_unreadable"
    assert refusal(b"PK\x03\x04broken").code == "file_unreadable"
    assert refusal(b"\xd0\xcf\x11\xe0old").code == "file_unreadable"


def test_too_many_rows_or_columns_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "ROWS_MAX", 10)
    assert refusal(csv_of("a", *"12345678901")).code == "too_many_rows"
    assert len(read(csv_of("a", *"1234567890"))[1]) == 10
    assert refusal(csv_of(",".join(f"c{n}" for n in range(201)), "")).code == "too_many_rows"


def test_a_file_over_the_limit_is_not_even_hashed_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "FILE_BYTES_MAX", 10)
    with pytest.raises(errors.FileTooLarge):
        reader.file_hash(reader.of_bytes("file", b"x" * 11))


def test_a_line_that_tells_the_separator_is_no_row() -> None:
    assert read(csv_of("sep=;", "a;b,c", "1;2")) == (("a", "b,c"), [(2, ["1", "2"])])
    assert read(codecs.BOM_UTF8 + csv_of("SEP=\t", "a\tb", "1\t2")) == (("a", "b"), [(2, ["1", "2"])])


def test_separators_inside_quotes_do_not_tell() -> None:
    assert read(csv_of('"name, full, and ""more""";sku', '"x, y";1'))[1] == [(2, ["x, y", "1"])]


def test_a_number_is_read_with_the_digits_that_a_spreadsheet_shows() -> None:
    numbers = (19.990000000000002, 0.1 + 0.2, 1e-7, 999999999999999, 202611210000012345, -2.5e20)
    shown = ["19.99", "0.3", "0.0000001", "999999999999999", "2.02611210000012E+17", "-2.50000000000000E+20"]
    assert read(workbook([[*"abcdef"], [*numbers]]))[1] == [(2, shown)]


def test_a_formula_without_a_value_is_not_taken_for_an_empty_cell() -> None:
    cells = [Raw('t="e"', "<v>#DIV/0!</v>"), Raw("", "<f>A9+1</f>"), Raw("", "<f>1+1</f><v>2</v>"), "x"]
    assert read(workbook([[*"abcd"], cells, ["", "", "", "y"]]))[1] == [
        (2, ["#DIV/0!", "#N/A", "2", "x"]),
        (3, ["", "", "", "y"]),
    ]


def test_what_is_broken_is_said_in_every_language() -> None:
    whole = gzip.compress(csv_of("sku,name", *(f"A{n},{n * 7919 % 10007}" for n in range(50_000))))
    torn = whole[:2000] + bytes(200) + whole[2200:]
    for content in (torn, csv_of("a,b", '"x,y'), csv_of("a,b", '"x"y,z'), csv_of("a,b", f"{'x' * 100_001},y")):
        refused = refusal(content)
        assert isinstance(refused, errors.FileUnreadable)
        assert isinstance(refused.problem, i18n.Phrase)
        assert isinstance(refused.problem.values.get("problem", refused.problem), i18n.Phrase)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        columns, _ = read(content)
    except base_errors.Refusal:
        return
    assert columns
