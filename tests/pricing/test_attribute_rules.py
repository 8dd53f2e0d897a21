"""Attributes of orders as people type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiedan.pricing.rules import attributes
from jiedan.pricing.values.promotions import AttributeValue

names = st.text(min_size=1, max_size=10).filter(lambda name: attributes.read(f"{name}=x") == ({name: "x"}, ""))
texts = st.text(max_size=10)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("", {}),
        ("source=app", {"source": "app"}),
        (" source = app ；age＝18， is_new=true\nx=a=b", {"source": "app", "age": 18, "is_new": True, "x": "a=b"}),
        ('"=false; 5"=""; b=1', {'"': False, '5"': "", "b": 1}),
        ('code="007"; shoe=-3; word=True; none=""', {"code": "007", "shoe": -3, "word": "True", "none": ""}),
    ],
)
def test_attributes_are_read_as_they_are_typed(typed: str, expected: dict[str, AttributeValue]) -> None:
    assert attributes.read(typed) == (expected, "")
    assert attributes.read(attributes.written(expected)) == (expected, "")


@pytest.mark.parametrize(
    ("typed", "unread"),
    [
        ("app", "app"),
        ("source=", "source="),
        ("=app", "=app"),
        ("a b=c", "a b=c"),
        ("a=1; a=2", "a=2"),
        ("a=1;b>2", "b>2"),
        (f"{'n' * 51}=1", f"{'n' * 51}=1"),
        (f"a={'x' * 201}", f"a={'x' * 201}"),
    ],
)
def test_what_is_no_attribute_is_named(typed: str, unread: str) -> None:
    assert attributes.read(typed)[1] == unread


@given(st.dictionaries(names, st.booleans() | st.integers(-(10**15), 10**15) | texts, max_size=5))
def test_what_is_written_is_read_again(given_: dict[str, AttributeValue]) -> None:
    assert attributes.read(attributes.written(given_)) == (given_, "")


@pytest.mark.parametrize(
    "said",
    [
        {"note": "a; b", "next": 1},
        {"note": 'he said "no", twice'},
        {"note": '"'},
        {"note": " around ", "sum": "12", "yes": "true"},
        {"note": "一，二；三\n四"},
        {"ref": "202611230000012345"},
    ],
)
def test_attributes_come_back_as_they_were_written(said: dict[str, AttributeValue]) -> None:
    assert attributes.read(attributes.written(said)) == (said, "")
