from datetime import date
from typing import Annotated, Literal
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiedan.base import errors, i18n
from jiedan.base.web import bodies
from jiedan.base.web import errors as web_errors


class Line(bodies.Body):
    sku: bodies.Code
    quantity: bodies.Quantity


class Order(bodies.Body):
    lines: list[Line]
    note: bodies.Text | None = None
    tags: dict[str, str] = {}  # noqa: RUF012 - msgspec copies defaults


@pytest.mark.parametrize(
    ("raw", "refusal", "field"),
    [
        (b'{"lines":[{"sku":"a","quantity":"2"}]}', web_errors.WrongType, "lines[0].quantity"),
        (b'{"lines":[{"sku":"a","quantity":1.5}]}', web_errors.WrongType, "lines[0].quantity"),
        (b'{"lines":[{"sku":"a","quantity":null}]}', web_errors.WrongType, "lines[0].quantity"),
        (b'{"lines":[{"sku":"a","quantity":0}]}', web_errors.OutOfBounds, "lines[0].quantity"),
        (b'{"lines":[{"sku":"a","quantity":-1}]}', web_errors.OutOfBounds, "lines[0].quantity"),
        (b'{"lines":[{"sku":"a","quantity":1000000001}]}', web_errors.OutOfBounds, "lines[0].quantity"),
        (b'{"lines":[{"sku":"","quantity":1}]}', web_errors.OutOfBounds, "lines[0].sku"),
        (b'{"lines":[{"sku":" ","quantity":1}]}', web_errors.WrongValue, "lines[0].sku"),
        (b'{"lines":[{"sku":"a"}]}', web_errors.MissingField, "lines[0].quantity"),
        (b"{}", web_errors.MissingField, "lines"),
        (b'{"lines":[],"notes":"x"}', web_errors.UnknownField, "notes"),
        (b'{"lines":[{"sku":"a","quantity":1,"price":2}]}', web_errors.UnknownField, "lines[0].price"),
        (b"[]", web_errors.WrongType, None),
        (b"null", web_errors.WrongType, None),
        (b'{"lines":[{"sku":"a","quantity":9223372036854775808}]}', web_errors.IntegerTooLarge, "lines[0].quantity"),
        (b'{"lines":[{"sku":"a","quantity":1e400}]}', web_errors.IntegerTooLarge, "lines[0].quantity"),
        (b'{"lines":[],"note":"a\\u0000b"}', web_errors.CharacterRefused, "note"),
        (b'{"lines":[],"note":"\\ud83d"}', web_errors.CharacterRefused, "note"),
        (b'{"lines":[],"note":"\\uDC00\\uD800"}', web_errors.CharacterRefused, "note"),
        (
            b'{"lines":[{"sku":"a","quantity":1},{"sku":"\\u0000","quantity":1}]}',
            web_errors.CharacterRefused,
            "lines[1].sku",
        ),
        (b'{"lines":[],"tags":{"a\\u0000":"b"}}', web_errors.CharacterRefused, "tags"),
        (b"", web_errors.BodyMissing, None),
        (b'{"lines":[],"note":"a","note":"b"}', web_errors.RepeatedKey, "note"),
        (
            b'{"lines":[{"sku":"a","quantity":1},{"sku":"a","sku":"b","quantity":1}]}',
            web_errors.RepeatedKey,
            "lines[1].sku",
        ),
        (b'{"lines":[],"tags":{"a":"b","\\u0061":"c"}}', web_errors.RepeatedKey, "tags.a"),
        (b'{"lines":', web_errors.MalformedJson, None),
        (b"{'lines':[]}", web_errors.MalformedJson, None),
        (b'{"lines":[],"note":"\xff"}', web_errors.MalformedJson, None),
        (b'{"lines":[],"note":"a\x00b"}', web_errors.MalformedJson, None),
        (b'{"lines":NaN}', web_errors.MalformedJson, None),
        (b"\xef\xbb\xbf{}", web_errors.MalformedJson, None),
        (b"[" * 100_000, web_errors.WrongType, None),
        (b'{"lines":[' + b"1" * 5_000 + b"]}", web_errors.IntegerTooLarge, "lines[0]"),
    ],
)
def test_what_does_not_fit_is_refused_by_its_place(
    raw: bytes, refusal: type[errors.Refusal], field: str | None
) -> None:
    with pytest.raises(refusal) as refused:
        bodies.decode(raw, Order)
    assert (type(refused.value), refused.value.field) == (refusal, field)
    assert str(refused.value)


class Heard(bodies.Body):
    at: bodies.Moment
    text: str = ""


@pytest.mark.parametrize(
    "moment",
    [
        "0435-08-16T06:08:45Z",
        "9999-12-31T23:59:59-10:00",
        "0001-01-01T00:00:00+10:00",
        "2026-11-21T12:00:00+21:48",
        "2026-11-21T12:00:00-16:00",
        "2200-01-01T00:00:00Z",
        r"\u0030435-08-16T06:08:45Z",
        r"2200\u002d01-01T00:00:00Z",
        r"2026-11-21\u005412:00:00\u002b21\u003a48",
    ],
)
def test_a_moment_that_no_database_keeps_is_refused(moment: str) -> None:
    with pytest.raises(web_errors.WrongValue) as refused:
        bodies.decode(f'{{"at":"{moment}"}}'.encode(), Heard)
    assert refused.value.field == "at"


def test_a_text_that_only_looks_like_an_odd_moment_is_taken() -> None:
    kept = bodies.decode(b'{"at":"2026-11-21T12:00:00+14:00","text":"0435-08-16T06:08:45+21:48"}', Heard)
    assert kept.text == "0435-08-16T06:08:45+21:48"


class Maybe(bodies.Body):
    count: int | None = None
    either: int | list[str] | None = None


@pytest.mark.parametrize(
    ("body", "said", "expected"),
    [
        (b'{"count":"2"}', "应为 整数，实为 文本。", "int"),
        (b'{"either":"2"}', "应为 整数、数组，实为 文本。", "int, array"),
    ],
)
def test_what_may_be_left_out_is_asked_for_by_the_words_for_its_types(body: bytes, said: str, expected: str) -> None:
    with pytest.raises(web_errors.WrongType) as refused:
        bodies.decode(body, Maybe)
    assert i18n.say_message("zh_Hans", refused.value) == said
    assert refused.value.data()["expected"] == expected


class Ticket(bodies.Body):
    on: date | None = None
    ref: UUID | None = None
    color: Literal["red", "blue"] = "red"
    code: Annotated[str, msgspec.Meta(pattern="^a", max_length=3)] = "a"


@pytest.mark.parametrize(
    ("body", "part"),
    [
        (b'{"on":"soon"}', "problem"),
        (b'{"ref":"x"}', "problem"),
        (b'{"color":"green"}', "problem"),
        (b'{"code":"b"}', "problem"),
        (b'{"code":"aaaa"}', "bound"),
        (b'{"code":1}', "expected"),
        (b'{"code":1}', "given"),
    ],
)
def test_what_is_wrong_is_said_in_every_language(body: bytes, part: str) -> None:
    with pytest.raises(errors.Invalid) as refused:
        bodies.decode(body, Ticket)
    assert isinstance(getattr(refused.value, part), i18n.Phrase)


@pytest.mark.parametrize(
    ("text", "note"),
    [
        (b'"\\\\u0000"', "\\u0000"),
        (b'"\\ud83d\\ude00"', "😀"),
        (b'"12345678901234567890123"', "12345678901234567890123"),
        ('"退货 4321 单"'.encode(), "退货 4321 单"),
    ],
)
def test_what_only_looks_suspicious_is_taken(text: bytes, note: str) -> None:
    assert bodies.decode(b'{"lines":[],"note":' + text + b"}", Order).note == note


@given(st.binary(max_size=200))
def test_no_bytes_at_all_lead_to_anything_but_a_refusal(raw: bytes) -> None:
    with pytest.raises(errors.Refusal):
        bodies.decode(raw, Order)


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
        max_leaves=20,
    )
)
def test_a_value_is_taken_exactly_when_it_fits(value: object) -> None:
    class Numbers(bodies.Body):
        value: list[int]

    raw = msgspec.json.encode({"value": value}) if _fits_msgspec(value) else b"{}"
    try:
        taken = bodies.decode(raw, Numbers).value
    except errors.Refusal:
        assert not (
            isinstance(value, list) and all(type(v) is int and bodies.INT64_MIN <= v <= bodies.INT64_MAX for v in value)
        )
    else:
        assert taken == value


def _fits_msgspec(value: object) -> bool:
    try:
        msgspec.json.encode(value)
    except (msgspec.MsgspecError, UnicodeEncodeError, OverflowError):
        return False
    return True
