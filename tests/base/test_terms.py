import re
import subprocess
import sys

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiedan.base import terms

FOUND = [
    ("红色连衣裙", "红色"),
    ("红色连衣裙", "连衣裙"),
    ("红色连衣裙", "衣裙"),
    ("红色连衣裙", "裙"),
    ("红色连衣裙", "hong"),
    ("红色连衣裙", "hongselian"),
    ("红色连衣裙", "lianyiqun"),
    ("红色连衣裙", "hslyq"),
    ("红色连衣裙", "lyq"),
    ("红色连衣裙", "红色 连衣"),
    ("红色连衣裙", "lyq hong"),
    ("王小明", "小明"),
    ("王小明", "wxm"),
    ("单小明", "shan"),
    ("单小明", "dan"),
    ("Café Crème", "cafe creme"),
    ("Café Crème", "CRÈME"),
    ("Straße", "strasse"),
    ("iPhone 15 Pro", "ipho 15"),
    ("ＡＢＣ１２３", "abc123"),
    ("手机壳iPhone15", "iphone15"),
    ("コーヒー", "コーヒー"),
    ("غطاء هاتف", "هاتف"),
]

NOT_FOUND = [
    ("红色连衣裙", "蓝色"),
    ("红色连衣裙", "red"),
    ("iPhone 15 Pro", "hone"),
    ("Café", "cafes"),
]


def found(document: list[str], query: str) -> bool:
    return all(
        any(start <= term < end for term in document)
        for start, end in map(terms.prefix_range, terms.query_tokens(query))
    )


@pytest.mark.parametrize(("text", "query"), FOUND)
def test_a_name_is_found_by(text: str, query: str) -> None:
    assert found(terms.name_terms(text), query)


@pytest.mark.parametrize(("text", "query"), NOT_FOUND)
def test_a_name_is_not_found_by(text: str, query: str) -> None:
    assert not found(terms.name_terms(text), query)


@pytest.mark.parametrize("query", ["AB-123/x", "ab123x", "123", "ab 123", "ab-12", "Ａ Ｂ".replace(" ", "")])
def test_a_code_is_found_by(query: str) -> None:
    assert found(terms.code_terms("AB-123/x"), query)


@pytest.mark.parametrize(
    "query", ["5678", "45678", "+86 138-1234-5678", "13812345678", "138 1234 5678", "1381234", "12345678"]
)
def test_a_phone_number_is_found_by(query: str) -> None:
    assert found(terms.phone_terms("+8613812345678"), query)


def test_a_phone_number_is_found_with_its_trunk_prefix_and_without() -> None:
    london = terms.phone_terms("+442079460958")
    assert all(found(london, query) for query in ("020 7946 0958", "2079460958", "+44 20 7946 0958", "0958"))
    assert not found(london, "7946 0959")


@pytest.mark.parametrize("kind", sorted(phonenumbers.PhoneNumberType.values()))
def test_numbers_of_every_country_are_found_as_they_are_dialed_there(kind: int) -> None:
    examples = [phonenumbers.example_number_for_type(region, kind) for region in sorted(phonenumbers.SUPPORTED_REGIONS)]
    for number in filter(None, examples):
        e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        dialed = phonenumbers.format_number(phonenumbers.parse(e164), phonenumbers.PhoneNumberFormat.NATIONAL)
        wanted = {phonenumbers.national_significant_number(number), "".join(filter(str.isdigit, dialed))}
        assert wanted <= set(terms.phone_terms(e164)), e164


def test_what_is_no_phone_number_keeps_its_digits() -> None:
    assert terms.phone_terms("ext. 12") == ["12"]
    assert terms.phone_terms("none") == []


@pytest.mark.parametrize("query", ["wang.ming@example.com", "WANG.MING@EX", "wang", "ming", "Wang Ming"])
def test_an_address_is_found_by(query: str) -> None:
    assert found(terms.email_terms("Wang.Ming@example.com"), query)


def test_dictionaries_are_read_when_they_are_asked_for_or_needed() -> None:
    code = (
        "import sys; from jiedan.base import terms; assert not {'rjieba', 'pypinyin'} & sys.modules.keys();"
        " terms.name_terms('Ana'); assert not {'rjieba', 'pypinyin'} & sys.modules.keys();"
        " terms.read_dictionaries(); assert {'rjieba', 'pypinyin'} <= sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_query_is_bounded() -> None:
    assert len(terms.query_tokens("a b c d e f g h i j k l")) == terms.QUERY_TOKENS_MAX
    assert terms.query_tokens(" ,-! ") == []
    assert len(terms.query_tokens("x" * 10_000)[0]) == terms.TERM_CHARS_MAX


def test_a_document_is_bounded() -> None:
    many = " ".join(f"word{n}" for n in range(1_000))
    assert len(terms.name_terms(many)) == terms.TERMS_PER_DOCUMENT_MAX


@pytest.mark.parametrize("prefix", ["", chr(0x10FFFF)])
def test_a_prefix_without_an_end_is_refused(prefix: str) -> None:
    with pytest.raises(ValueError, match="a prefix has at least one"):
        terms.prefix_range(prefix)


def test_the_end_of_a_prefix_is_no_surrogate() -> None:
    assert terms.prefix_range("a\ud7ff") == ("a\ud7ff", "a\ue000")


characters = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6)


@given(characters, characters)
def test_a_range_holds_what_begins_with_the_prefix_and_nothing_else(prefix: str, text: str) -> None:
    if not prefix.rstrip(chr(0x10FFFF)):
        return
    start, end = terms.prefix_range(prefix)
    for candidate in (text, prefix + text, prefix):
        encoded = candidate.encode()
        assert (start.encode() <= encoded < end.encode()) == candidate.startswith(prefix)


@given(st.text())
def test_normalizing_twice_is_normalizing_once(text: str) -> None:
    once = terms.normalize(text)
    assert terms.normalize(once) == once


@given(st.text(max_size=100))
def test_tokens_are_distinct_words_of_the_text(text: str) -> None:
    tokens = terms.tokens(text)
    assert len(set(tokens)) == len(tokens)
    assert all(token and re.fullmatch(r"[^\W_]+", token) for token in tokens)
    assert all(token in terms.normalize(text) for token in tokens)


@given(st.text(st.characters(codec="utf-8", categories=["L", "N", "Zs"]), max_size=40))
def test_a_name_is_found_by_itself(name: str) -> None:
    assert found(terms.name_terms(name), name)
