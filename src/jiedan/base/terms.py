"""Search terms: text made comparable, so that one btree range finds what people type.

A document (an order, a customer, a SKU) is stored as rows of a term table, one per term; a query is cut into tokens and
each must be the beginning of some term: `term >= p AND term < p_end` with `prefix_range`. Both sides go through
`normalize`, so full-width digits, case, accents and compatibility forms do not matter. Chinese words are cut by rjieba
and stored with their tails and their pinyin, in full and as initials.
"""

import functools
import itertools
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import phonenumbers

from jiedan.base import lazy

if TYPE_CHECKING:
    import pypinyin
    import rjieba
else:  # two dictionaries of 90 MB, which a process needs from its first Chinese word on
    pypinyin = lazy.Deferred("pypinyin")
    rjieba = lazy.Deferred("rjieba")

TERM_CHARS_MAX = 64
"""A longer term is cut: nobody types more, and index rows stay small."""

TERMS_PER_DOCUMENT_MAX = 200
QUERY_TOKENS_MAX = 8
QUERY_CHARS_MAX = 200

PHONE_TAIL_DIGITS = range(4, 9)
"""The ends of a phone number that people remember or read from a screen."""

COUNTRY_CODE_DIGITS = range(1, 4)
PHONES_KEPT = 4096
"""Phone numbers whose terms a process remembers."""

PHONE_DIGITS_MIN = 7
"""From so many digits, a query of digits and separators is one phone number, not several numbers."""

READINGS_MAX = 8
"""Readings kept of a name with characters that are read in several ways."""

NAME_CHARS_MAX = 4
"""Chinese names are at most so long; in longer texts, context decides how a character is read."""

NAMES_KEPT = 4096
"""Names whose terms a process remembers: the same people order again, and pinyin takes long."""

TEXTS_KEPT = 4096
"""Short texts whose words a process remembers: places and codes are written again and again."""

_ALPHANUMERIC = re.compile(r"[^\W_]+")
_IDEOGRAPHS = re.compile(r"[\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")
_ACCENTS = re.compile(r"[\u0300-\u036f]")
_PHONE_LIKE = re.compile(r"[+(]?[\d\s()./-]+")
_NOT_DIGITS = re.compile(r"\D")
_FIRST_GROUP = re.compile(r"(\\[1-9])")
_DIALED = re.compile(r"\\([1-9])|(\d)")
"""What is dialed of a template of the library: its groups and digits."""
_E164 = re.compile(r"\+[1-9]\d{7,14}")


def read_dictionaries() -> None:
    """Read what Chinese words are cut and spoken by, for whoever must not stop for seconds at the first of them."""
    _name_terms("接单")


def normalize(text: str) -> str:
    """Return `text` in the one form that terms are compared in: compatible, unaccented, caseless, single spaces."""
    if text.isascii():
        return " ".join(text.lower().split())
    unaccented = _ACCENTS.sub("", unicodedata.normalize("NFKD", text.casefold()))
    return " ".join(unicodedata.normalize("NFKC", unaccented.casefold()).split())


def tokens(text: str) -> list[str]:
    """Return the distinct words of `text` in the order they stand: letters and digits, Chinese cut into words."""
    return list(_kept_tokens(text) if len(text) <= TERM_CHARS_MAX else _tokens(text))


def _tokens(text: str) -> tuple[str, ...]:
    normalized = normalize(text)
    if normalized.isascii():
        return tuple(dict.fromkeys(run[:TERM_CHARS_MAX] for run in _ALPHANUMERIC.findall(normalized)))
    found: dict[str, None] = {}
    for run in _ALPHANUMERIC.findall(normalized):
        for piece in _pieces(run):
            words = rjieba.cut(piece) if _IDEOGRAPHS.fullmatch(piece) else [piece]
            found.update((word[:TERM_CHARS_MAX], None) for word in words)
    return tuple(found)


_kept_tokens = functools.lru_cache(maxsize=TEXTS_KEPT)(_tokens)


def query_tokens(text: str) -> list[str]:
    """Return what each must be the beginning of a term for `text` to be found; at most `QUERY_TOKENS_MAX`.

    A phone number in any notation is one token of digits, an e-mail address stays whole.
    """
    cleaned = normalize(text[:QUERY_CHARS_MAX])
    if digits := digits_of_number(cleaned):
        return [digits]
    found: dict[str, None] = {}
    for word in cleaned.split():
        found.update(dict.fromkeys([word[:TERM_CHARS_MAX]] if "@" in word else tokens(word)))
    return list(found)[:QUERY_TOKENS_MAX]


def digits_of_number(normalized: str) -> str:
    """Return the digits of what is looked for as one number, whatever separates them; empty for any other text."""
    digits = _NOT_DIGITS.sub("", normalized)
    is_number = len(digits) >= PHONE_DIGITS_MIN and _PHONE_LIKE.fullmatch(normalized)
    return digits[:TERM_CHARS_MAX] if is_number else ""


def name_terms(text: str) -> list[str]:
    """Return the terms of a name or title: its words, the tails of Chinese words, pinyin."""
    return list(_name_terms(text))


@functools.lru_cache(maxsize=NAMES_KEPT)
def _name_terms(text: str) -> tuple[str, ...]:
    words = tokens(text)
    tails = [word[i:] for word in words if _IDEOGRAPHS.fullmatch(word) for i in range(1, len(word))]
    return tuple(_distinct([*words, *tails, *pinyin_terms(text)]))


def pinyin_terms(name: str) -> list[str]:
    """Return the pinyin of the Chinese in `name`, by run and by word, in full and as initials, without tones.

    A short run is taken for a person's name and read in every way its characters are, `READINGS_MAX` at most.
    """
    terms: list[str] = []
    for run in _IDEOGRAPHS.findall(normalize(name)):
        readings = _readings(run) if len(run) <= NAME_CHARS_MAX else []
        words = rjieba.cut(run)
        spoken = [pypinyin.lazy_pinyin(word) for word in words]
        whole = list(itertools.chain.from_iterable(spoken))
        for syllables in [whole, *readings, *(spoken if len(words) > 1 else [])]:
            terms += ["".join(syllables), "".join(syllable[0] for syllable in syllables)]
    return _distinct(terms)


def code_terms(code: str) -> list[str]:
    """Return the terms of a code like `AB-123/x`: as written, without separators, and each part."""
    written = normalize(code)
    return _distinct([written, "".join(_ALPHANUMERIC.findall(written)), *tokens(written)])


def email_terms(address: str) -> list[str]:
    """Return the terms of an e-mail address: the whole, and the words before the @."""
    written = normalize(address)
    return _distinct([written, *tokens(written.partition("@")[0])])


def phone_terms(e164: str) -> list[str]:
    """Return the terms of a phone number in E.164 (`+8613812345678`): with and without country, and its tails.

    A text that is no phone number gives its digits and their tails.
    """
    return list(_phone_terms(e164))


@functools.lru_cache(maxsize=PHONES_KEPT)
def _phone_terms(e164: str) -> tuple[str, ...]:
    parts = _parts(e164)
    if parts is None:
        digits, forms = _NOT_DIGITS.sub("", normalize(e164)), _parsed_forms(e164)
    else:
        digits, forms = e164[1:], [parts[1], _dialed(*parts)]
    tails = [digits[-length:] for length in PHONE_TAIL_DIGITS if length < len(digits)]
    return tuple(_distinct([digits, *forms, *tails]))


def _parts(e164: str) -> tuple[int, str] | None:
    """Return the code of the country and what is dialed there behind it; None where only the library can tell.

    Taking a number apart here is a hundred times as fast as the library's parser, which has to expect anything.
    """
    if _E164.fullmatch(e164):
        for length in COUNTRY_CODE_DIGITS:
            country, national = int(e164[1 : 1 + length]), e164[1 + length :]
            if country in phonenumbers.COUNTRY_CODE_TO_REGION_CODE and not national.startswith("0"):
                return country, national
    return None


def _parsed_forms(text: str) -> list[str]:
    """Return what is dialed within the country for a number written in any way; nothing for what is no number."""
    try:
        number = phonenumbers.parse(text)
    except phonenumbers.NumberParseException:
        return []
    dialed = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
    return [phonenumbers.national_significant_number(number), _NOT_DIGITS.sub("", dialed)]


class _Dialing(NamedTuple):
    """One way in which numbers of a country are dialed within it."""

    leading: re.Pattern[str] | None
    """How numbers begin that are dialed so; None: all do."""
    number: re.Pattern[str]
    dialed: tuple[int | str, ...]
    """What is dialed: groups of `number`, and digits between them."""


@functools.cache
def _dialings(country: int) -> tuple[_Dialing, ...]:
    """Return the ways of the library's tables in the order in which they are tried: their digits without the spaces."""
    region = phonenumbers.region_code_for_country_code(country)
    metadata = phonenumbers.PhoneMetadata.metadata_for_region_or_calling_code(country, region)
    return tuple(
        _Dialing(
            re.compile(str(way.leading_digits_pattern[-1])) if way.leading_digits_pattern else None,
            re.compile(way.pattern or ""),
            tuple(int(group) if group else digit for group, digit in _DIALED.findall(_with_national_prefix(way))),
        )
        for way in (metadata.number_format if metadata else ())
    )


def _with_national_prefix(way: phonenumbers.NumberFormat) -> str:
    template, rule = way.format or "", way.national_prefix_formatting_rule
    return _FIRST_GROUP.sub(lambda group: rule.replace(r"\1", group[1]), template, count=1) if rule else template


def _dialed(country: int, national: str) -> str:
    """Return what is dialed for a number within its country, as `format_number` would write it but for separators."""
    for way in _dialings(country):
        if (way.leading is None or way.leading.match(national)) and (found := way.number.fullmatch(national)):
            return "".join([part if isinstance(part, str) else found[part] for part in way.dialed])
    return national


def prefix_range(prefix: str) -> tuple[str, str]:
    """Return (p, p_end) so that, in code point order, exactly the strings that begin with p are in [p, p_end).

    Raises ValueError for an empty prefix, which would be the whole table.
    """
    if not prefix:
        message = "a prefix has at least one character"
        raise ValueError(message)
    head = prefix.rstrip(chr(0x10FFFF))
    if not head:
        message = "a prefix has at least one assigned character"
        raise ValueError(message)
    following = ord(head[-1]) + 1
    if 0xD800 <= following <= 0xDFFF:  # noqa: PLR2004 - surrogates are no characters: the next one follows them
        following = 0xE000
    return prefix, head[:-1] + chr(following)


class Wanted(NamedTuple):
    """The ranges of terms that a document must have one of each, for the statements of a search in two steps.

    The first counts the terms in each range and stops after `count_max`; the second takes candidates from the rarest
    range, `matches_max` at most, and keeps those that have a term in each of the others.
    """

    starts: list[str]
    ends: list[str]
    matches_max: int

    def counting(self) -> dict[str, Any]:
        """Return the parameters of the statement that counts: one row `(place, count)` per range, in order."""
        return {"terms": self.starts, "term_ends": self.ends, "count_max": self.matches_max + 1}

    def matching(self, counts: Sequence[int]) -> dict[str, Any] | None:
        """Return the parameters of the statement that finds, or None when some range holds no term at all."""
        rarest = counts.index(min(counts))
        if not counts[rarest]:
            return None
        return {
            "rarest": self.starts[rarest],
            "rarest_end": self.ends[rarest],
            "terms": self.starts[:rarest] + self.starts[rarest + 1 :],
            "term_ends": self.ends[:rarest] + self.ends[rarest + 1 :],
            "matches_max": self.matches_max,
        }


def wanted(text: str, *, matches_max: int) -> Wanted | None:
    """Return what a document must have to be found by `text`; None when it holds no letter or digit."""
    ranges = [prefix_range(token) for token in query_tokens(text)]
    if not ranges:
        return None
    return Wanted([start for start, _ in ranges], [end for _, end in ranges], matches_max)


def _pieces(run: str) -> list[str]:
    """Cut a run of letters and digits where Chinese begins or ends."""
    pieces, end = [], 0
    for match in _IDEOGRAPHS.finditer(run):
        pieces += [run[end : match.start()], match[0]]
        end = match.end()
    return [piece for piece in [*pieces, run[end:]] if piece]


def _readings(run: str) -> list[tuple[str, ...]]:
    choices = pypinyin.pinyin(run, style=pypinyin.Style.NORMAL, heteronym=True)
    return list(itertools.islice(itertools.product(*choices), READINGS_MAX))


def _distinct(terms: Iterable[str]) -> list[str]:
    cut = dict.fromkeys(term[:TERM_CHARS_MAX] for term in terms if term)
    return list(cut)[:TERMS_PER_DOCUMENT_MAX]
